/**
 * Leaders and coordinators that move in a real cluster, while something is under way that needs
 * them.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { eventually } from '../../cluster/eventually.ts'
import { generation } from '../../src/model/ids.ts'
import { openProducer, position, positionsAt, read } from '../contract/epoch-rig.ts'
import { openFetcher, readAll, readUntil } from '../contract/fetch-reader.ts'
import { writePlain } from '../contract/raw-producer.ts'
import { describeWithJava } from '../kafka.ts'
import {
  type EpochCase,
  type EpochUnderWay,
  epochUnderWay,
  protocols,
  settle,
  stableMember,
  values,
  waitingReader,
} from './moving-epochs.ts'
import { ThreeBrokers } from './three-brokers.ts'

jest.setTimeout(120_000)

const cases: readonly EpochCase[] = [
  {
    name: 'the coordinator of its transaction moves before a record is written',
    moves: 'transaction',
    shut: ['Produce'],
  },
  {
    name: 'the coordinator of its transaction moves between the records and EndTxn',
    moves: 'transaction',
    shut: ['EndTxn'],
  },
  {
    name: 'the coordinator of its transaction got EndTxn and moves before it has answered',
    moves: 'transaction',
    shut: ['EndTxn', 'answer'],
  },
  {
    name: 'the coordinator of the group moves before it got the positions',
    moves: 'group',
    shut: ['TxnOffsetCommit'],
  },
  {
    // The first batch of each partition has been acknowledged.
    name: 'the leader of an output partition moves between two batches',
    moves: 'output',
    shut: ['Produce', 'request', 2],
  },
  {
    name: 'the leader of an output partition moves before it got the marker',
    moves: 'output',
    shut: ['EndTxn'],
  },
]

/** Epochs with a partition that only the broker has; what their producer does afterwards. */
const casesAlone: readonly EpochCase[] = ['successor', 'commit', 'abort'].map((name) => {
  return { name, moves: 'output', shut: ['EndTxn'] }
})

describeWithJava('three brokers', () => {
  let cluster: ThreeBrokers

  beforeAll(async () => {
    cluster = await ThreeBrokers.launch()
  }, 180_000)

  afterAll(() => cluster?.stop(), 60_000)

  for (const how of ['reassigned', 'killed'] as const) {
    describe(`one of which is ${how}`, () => {
      const epochs = new Map<string, EpochUnderWay>()
      let member: Awaited<ReturnType<typeof stableMember>>
      let reader: Awaited<ReturnType<typeof waitingReader>>
      let from: number

      beforeAll(async () => {
        const pair = cluster.coordinators()
        ;[from] = pair
        const [, other] = pair
        const begin = async (one: EpochCase, protocol: 1 | 2, output?: string) => {
          const epoch = await epochUnderWay(cluster, one, protocol, pair, output)
          epochs.set(`${one.name} ${protocol}`, epoch)
          return epoch
        }
        const alone = how === 'killed' ? casesAlone : []
        const leaderless = alone.flatMap((one) =>
          protocols.map(async (protocol) =>
            begin(one, protocol, await cluster.topic([[from], [other]])),
          ),
        )
        ;[member, reader] = await Promise.all([
          stableMember(cluster, from),
          waitingReader(cluster, from),
          ...cases.flatMap((one) => protocols.map((protocol) => begin(one, protocol))),
          ...leaderless,
        ])
        await cluster.move(from, how)
        for (const { rig } of await Promise.all(leaderless)) {
          await cluster.leaderless(rig.output, 0, other)
        }
        for (const { gate } of epochs.values()) gate.open()
      }, 180_000)

      afterAll(async () => {
        for (const { gate } of epochs.values()) gate.open()
        await cluster.clear()
        await cluster.whole()
      }, 120_000)

      const begun = (name: string, protocol: 1 | 2) => {
        const epoch = epochs.get(`${name} ${protocol}`)
        if (epoch === undefined) throw new Error(`not begun: ${name}, protocol ${protocol}`)
        return epoch
      }

      for (const { name } of cases) {
        test.each(protocols)(
          `an epoch is there once when ${name}, protocol %i`,
          async (protocol) => {
            const { rig, settled } = begun(name, protocol)
            expect(await settled).toEqual(['ok'])
            expect(await settle(rig, ['after'], 3)).toEqual(['ok'])
            const each = ['before', ...values, 'after']
            expect(await read(cluster.broker, rig.output)).toEqual([...each, ...each])
            expect(await position(rig.client, rig.groupId, rig.input)).toBe(3)
          },
        )
      }

      test('a member keeps its generation, and positions are fenced by it', async () => {
        const { rig, beats, lost, rejoins, identity } = member
        const before = identity()
        await eventually(() => expect(beats.slice(-3)).not.toContain(from), 60_000)
        const now = identity()
        if (before === undefined || now === undefined) throw new Error('the membership was lost')
        expect([now, lost(), rejoins()]).toEqual([before, undefined, 0])
        const { groupId, topic } = rig
        const client = await cluster.broker.connect()
        const producer = openProducer(client, cluster.broker.unique('producer'), { groupId })
        const commit = async (offset: number, who: typeof now) => {
          expect(await producer.initialise()).toEqual({ kind: 'ok' })
          return producer.commit(producer.seal(), positionsAt(topic, offset), who)
        }
        const old = { ...now, generation: generation(now.generation - 1) }
        expect(await commit(4, old)).toMatchObject({
          kind: 'fenced',
          error: { code: 'KAFKA_ILLEGAL_GENERATION' },
        })
        expect(await commit(5, now)).toMatchObject({ kind: 'ok' })
        expect(await position(client, groupId, topic)).toBe(5)
      })

      test('a reader goes on where it was, and loses and repeats nothing', async () => {
        await reader.write('c')
        const { records } = await reader.read(3)
        expect(records).toEqual(['0:a', '1:b', '2:c'])
        const client = await cluster.broker.connect()
        expect(await readAll(client, reader.topic, 3)).toEqual(records)
      })

      if (how === 'killed') {
        describe('and comes back to partitions that had no leader at EndTxn', () => {
          const each = ['before', ...values]
          beforeAll(() => cluster.whole(), 120_000)

          test.each(protocols)(
            'an epoch is open until its id is taken over, %i',
            async (protocol) => {
              const { rig, settled } = begun('successor', protocol)
              expect(await settled).toEqual(['ok'])
              const { admin } = rig.client
              const at = [{ topic: rig.output, partition: 0 }]
              const stable = await admin.listOffsets(at, 'latest', 'read_committed')
              const end = await admin.listOffsets(at, 'latest', 'read_uncommitted')
              // When this fails, Kafka has learnt to keep markers: see docs/decisions/0008.
              expect([...stable.values()]).not.toEqual([...end.values()])
              const { transactionalId, groupId } = rig
              const successor = openProducer(rig.client, transactionalId, { groupId })
              expect(await successor.initialise()).toEqual({ kind: 'ok' })
              expect(await read(cluster.broker, rig.output)).toEqual([...each, ...each])
              expect(await position(rig.client, groupId, rig.input)).toBe(2)
            },
          )

          test.each(protocols)(
            'an epoch is there once when the next commits, %i',
            async (protocol) => {
              const { rig, settled } = begun('commit', protocol)
              expect(await settled).toEqual(['ok'])
              expect(await settle(rig, ['after'], 3)).toEqual(['ok'])
              const after = [...each, 'after']
              expect(await read(cluster.broker, rig.output)).toEqual([...after, ...after])
              expect(await position(rig.client, rig.groupId, rig.input)).toBe(3)
            },
          )

          test.each(protocols)(
            'an epoch is there once when the next aborts, %i',
            async (protocol) => {
              const { rig, settled } = begun('abort', protocol)
              expect(await settled).toEqual(['ok'])
              rig.write(['lost'])
              rig.write(['lost'], 1)
              const old = { ...rig.member, generation: generation(rig.member.generation - 1) }
              expect(await rig.commit(3, old)).toMatchObject({ kind: 'fenced' })
              expect(await read(cluster.broker, rig.output)).toEqual([...each, ...each])
              expect(await position(rig.client, rig.groupId, rig.input)).toBe(2)
            },
          )
        })
      }
    })
  }

  test('a reader of a log that an unclean election cut short is told where', async () => {
    const [ahead, behind] = cluster.coordinators()
    const configs = { 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' }
    const topic = await cluster.topic([[ahead, behind]], configs)
    const at = { topic, partition: 0 }
    const client = await cluster.broker.connect({ requestTimeoutMs: 60_000 })
    const write = (value: string) => writePlain(client, topic, [{ key: null, value }])
    const fetcher = openFetcher(client)
    fetcher.assign(at, 0)
    await write('a')
    await cluster.kill(behind)
    // Acknowledged once the broker that is down is out of sync.
    await write('b')
    await write('c')
    expect((await readUntil(fetcher, 3)).records).toEqual(['0:a', '1:b', '2:c'])
    await cluster.kill(ahead)
    await cluster.start(behind)
    await fetcher.wait(AbortSignal.timeout(60_000))
    const problem = { kind: 'truncated', at: 3, truncatedTo: 1 }
    expect(fetcher.problems()).toEqual([{ ...at, problem }])
    fetcher.assign(at, 1)
    await write('d')
    expect((await readUntil(fetcher, 2)).records).toEqual(['1:d'])
  })
})
