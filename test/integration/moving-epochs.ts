/** Transactions, a member and a reader, each stopped where something is about to move. */
import { expect } from '@jest/globals'
import { eventually } from '../../cluster/eventually.ts'
import type { GroupIdentity } from '../../src/kafka/client/port.ts'
import { type EpochRig, epochRig, position } from '../contract/epoch-rig.ts'
import { faultyWire, Gate } from '../contract/faulty-wire.ts'
import { openFetcher, readUntil } from '../contract/fetch-reader.ts'
import { GroupRig } from '../contract/group-rig.ts'
import { writePlain } from '../contract/raw-producer.ts'
import { ledBy, type ThreeBrokers } from './three-brokers.ts'

/** Nothing here is about time-outs: all are longer than any move takes on a loaded machine. */
const long = { requestTimeoutMs: 60_000, sessionTimeoutMs: 120_000 } as const
const producer = {
  batchBytesMax: 1_000,
  deliveryTimeoutMs: 60_000,
  transactionTimeoutMs: 120_000,
} as const
/** Several batches of each partition. */
export const values = Array.from({ length: 60 }, (_, i) => `record ${i} ${'.'.repeat(60)}`)
export const protocols = [1, 2] as const

export interface EpochCase {
  readonly name: string
  /** What lies on the broker that is moved away from; all else does not. */
  readonly moves: 'transaction' | 'group' | 'output'
  /** What is stopped until it has moved. */
  readonly shut: Parameters<Gate['shut']>
}

export interface EpochUnderWay {
  readonly rig: EpochRig
  readonly gate: Gate
  /** The outcomes of the epoch's commits, until it was settled. */
  readonly settled: Promise<readonly string[]>
}

/** An epoch before the one that is under way has been committed, at offset 1. */
export async function epochUnderWay(
  cluster: ThreeBrokers,
  { moves, shut }: Pick<EpochCase, 'moves' | 'shut'>,
  protocol: 1 | 2,
  [from, other]: readonly [number, number],
  output?: string,
): Promise<EpochUnderWay> {
  const node = (what: EpochCase['moves']) => (what === moves ? from : other)
  const gate = new Gate()
  const rig = await epochRig(cluster.broker, {
    ...long,
    protocol,
    producer,
    through: (wire) => faultyWire(wire, gate.fate),
    names: {
      output: output ?? (await cluster.topic([ledBy(node('output')), ledBy(other)])),
      groupId: cluster.name('group', node('group')),
      transactionalId: cluster.name('transaction', node('transaction')),
    },
  })
  expect(await settle(rig, ['before'], 1)).toEqual(['ok'])
  gate.shut(...shut)
  const settled = settle(rig, values, 2)
  // Whoever waits for it hears of a failure.
  settled.catch(() => undefined)
  await Promise.race([gate.reached, settled])
  return { rig, gate, settled }
}

/** Commits as a worker does it: again when it was aborted, else as the positions say. */
export async function settle(
  rig: EpochRig,
  written: readonly string[],
  offset: number,
): Promise<readonly string[]> {
  const outcomes: string[] = []
  for (;;) {
    rig.write(written)
    rig.write(written, 1)
    const outcome = await rig.commit(offset)
    outcomes.push(outcome.kind)
    if (outcome.kind === 'ok') return outcomes
    if (outcome.kind === 'fenced' || outcome.kind === 'fatal') throw outcome.error
    expect(await rig.producer.initialise()).toEqual({ kind: 'ok' })
    if ((await position(rig.client, rig.groupId, rig.input)) === offset) return outcomes
  }
}

export interface StableMember {
  readonly rig: GroupRig
  readonly identity: () => GroupIdentity | undefined
  readonly lost: () => Error | undefined
  readonly rejoins: () => number
  /** The brokers that its heart-beats went to, in order. */
  readonly beats: readonly number[]
}

export async function stableMember(cluster: ThreeBrokers, from: number): Promise<StableMember> {
  const topic = await cluster.broker.topic(1)
  const rig = new GroupRig(cluster.broker, topic, 1, cluster.name('group', from))
  const beats: number[] = []
  const member = await rig.member('processa', {
    ...long,
    through: (wire) =>
      faultyWire(wire, ({ apiName }, node) => {
        if (apiName === 'Heartbeat') beats.push(node)
        return undefined
      }),
  })
  member.start()
  await eventually(() => expect(member.owned.size).toBe(1), 30_000)
  return {
    rig,
    beats,
    identity: () => member.member.identity(),
    lost: () => member.lost,
    rejoins: () => member.rejoins,
  }
}

/** Has read two records of a partition that the broker leads, and waits for more. */
export async function waitingReader(cluster: ThreeBrokers, from: number) {
  const client = await cluster.broker.connect({ requestTimeoutMs: long.requestTimeoutMs })
  const topic = await cluster.topic([ledBy(from)])
  const write = (value: string) => writePlain(client, topic, [{ key: null, value }])
  await write('a')
  await write('b')
  const fetcher = openFetcher(client, { waitMs: 500 })
  fetcher.assign({ topic, partition: 0 }, 0)
  const so = await readUntil(fetcher, 2)
  return { topic, write, read: (end: number) => readUntil(fetcher, end, so) }
}
