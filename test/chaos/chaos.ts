/** An application under a running load, to which everything happens that DESIGN § 6 speaks of. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { assertNever } from '../../src/model/errors.ts'
import type { RunningKafka } from '../../cluster/kafka.ts'
import { scratchDirectory } from '../../cluster/scratch.ts'
import { lagOf } from '../../cluster/verify/lag.ts'
import { LogReader } from '../../cluster/verify/log-reader.ts'
import { kafkaOf } from '../../demo/load.ts'
import { Fleet } from './fleet.ts'
import { planRounds, type Round } from './plan.ts'
import { SteadyWriter } from './steady-writer.ts'
import type { ChaosSubject, ChaosVerdict } from './subjects/subject.ts'

export interface ChaosOptions {
  readonly subject: ChaosSubject
  /** Nobody else's: it is killed, and has no topics yet. */
  readonly kafka: RunningKafka
  readonly seed: number
  readonly rounds: number
  readonly commitIntervalMs: number
  readonly log: (line: string) => void
}

export interface ChaosResult {
  readonly verdict: ChaosVerdict
  /** Workers that ended by themselves, or not cleanly when asked to. */
  readonly failures: readonly string[]
}

const sessionTimeoutMs = 6_000
/** A frozen worker has lost its tasks for sure, and others have them, when it wakes up. */
const frozenMs = sessionTimeoutMs + 2_000
const workOffMs = 240_000

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { kafka: running, subject, seed, log } = options
  const scratch = scratchDirectory('chaos')
  const kafka = kafkaOf(running.brokers)
  await createTopics(kafka, subject)
  const fleet = new Fleet(running.brokers, subject.topology, scratch.path, [
    `--commit-interval=${options.commitIntervalMs}ms`,
    `--session-timeout=${sessionTimeoutMs}ms`,
    '--heartbeat-interval=1s',
    '--log-level=warn',
  ])
  const writer = new SteadyWriter(kafka, subject.recordsPerSecond, subject.load(seed))
  writer.start()
  try {
    await fleet.add()
    await fleet.add()
    const without = running.nodes.length === 0 ? (['broker'] as const) : []
    const rounds = planRounds(seed, options.rounds, without)
    for (const [i, round] of rounds.entries()) {
      await sleep(round.afterMs)
      await fleet.look()
      const what = await strike(round, fleet, running)
      log(`round ${i + 1} of ${rounds.length}: ${what}; ${writer.records} records so far`)
    }
    await writer.stop()
    await writer.write(subject.last?.() ?? [])
    await workedOff(running.brokers, subject, fleet)
    await fleet.stopAll()
    const verdict = await subject.verify(running.brokers)
    return { verdict, failures: fleet.failures }
  } finally {
    await writer.stop()
    await fleet.stopAll()
    scratch.remove()
  }
}

/** @returns What was done, for the log. */
async function strike(round: Round, fleet: Fleet, kafka: RunningKafka): Promise<string> {
  const worker = fleet.choose(round.victim)
  switch (round.event) {
    case 'kill':
      await fleet.kill(worker)
      await sleep(round.downMs)
      await fleet.start(worker)
      return `${worker.name} was killed and away for ${round.downMs} ms`
    case 'zombie':
      worker.freeze()
      await sleep(frozenMs)
      worker.thaw()
      return `${worker.name} stood still for ${frozenMs} ms`
    case 'stop':
      await fleet.stop(worker)
      await sleep(round.downMs)
      await fleet.start(worker)
      return `${worker.name} was stopped and away for ${round.downMs} ms`
    case 'join': {
      if (!fleet.full) return `${(await fleet.add()).name} joined`
      await fleet.kill(worker)
      await fleet.start(worker)
      return `${worker.name} was killed and joined again at once`
    }
    case 'broker': {
      const node = kafka.nodes[Math.floor(round.victim * kafka.nodes.length)]
      await node?.kill()
      await sleep(round.downMs)
      await node?.start()
      return `broker ${node?.id} was killed and away for ${round.downMs} ms and its start`
    }
    default:
      return assertNever(round.event)
  }
}

async function createTopics(kafka: Kafka, { topics }: ChaosSubject): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [...topics], waitForLeaders: true })
  await admin.disconnect()
}

async function workedOff(
  brokers: string,
  { application, worked }: ChaosSubject,
  fleet: Fleet,
): Promise<void> {
  const deadline = Date.now() + workOffMs
  const reader = await LogReader.connect(brokers)
  for (;;) {
    await fleet.look()
    let lag = 0
    for (const topic of worked) lag += await lagOf(reader, application, topic)
    if (lag === 0) return reader.close()
    if (Date.now() > deadline) {
      const late = `${lag} records are still to do after ${workOffMs / 1_000} s`
      throw new Error([late, ...fleet.failures, ...fleet.lastWords].join('\n'))
    }
    await sleep(500)
  }
}
