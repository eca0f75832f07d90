/** One run of `dev`: an embedded broker, the topology on it, lines in, output records out. */
import { batchCompression } from '../../adapters/compression/index.ts'
import { systemEnv } from '../../env/system.ts'
import { connectKafka } from '../../kafka/client/connect.ts'
import { userTopics } from '../../plan/partitions.ts'
import { planTopology } from '../../plan/plan-topology.ts'
import { start } from '../../start.ts'
import { EmbeddedKafka } from '../../testing/embedded-kafka.ts'
import type { Topology } from '../../topology/nodes.ts'
import { lonelyPattern, withTopics } from '../../topology/patterns.ts'
import { usage } from '../failures.ts'
import { loadTopology } from '../load-topology.ts'
import { asksToStop, parentStops } from '../stop-signal.ts'
import { finished } from './finished.ts'
import { feedLines } from './input.ts'
import { LineFeeder } from './line-feeder.ts'
import { OutputPrinter } from './output-printer.ts'
import { endpointsOf } from './endpoints.ts'

export interface SessionOptions {
  /** File of lines; else standard input. */
  readonly input?: string
  /** Source topic that the lines go to; else the first. */
  readonly topic?: string
  readonly keySeparator?: string
  /** Of every topic of the topology. */
  readonly partitions: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /**
   * It runs below a watching process: it goes on after the end of the input, and only that process
   * stops it.
   */
  readonly below: boolean
}

/** Resolves when the input is processed, or when the process is asked to stop. */
export async function runSession(file: string, options: SessionOptions): Promise<void> {
  const topology = await loadTopology(file)
  const closers: (() => Promise<void>)[] = []
  try {
    await run(topology, options, (close) => closers.push(close))
  } finally {
    for (const close of closers.toReversed()) await close()
  }
}

async function run(
  topology: Topology,
  options: SessionOptions,
  onEnd: (close: () => Promise<void>) => void,
): Promise<void> {
  const { partitions, logLevel } = options
  const plan = planTopology(withWantedTopic(topology, options.topic))
  const ends = endpointsOf(plan, options.topic)
  const env = systemEnv({ logLevel })
  const kafka = await new EmbeddedKafka({ env }).start()
  onEnd(() => kafka.stop())
  for (const topic of userTopics(plan)) kafka.createTopic(topic, { partitions })

  const { brokers } = kafka
  const applicationId = topology.name
  const kept = { instanceId: 'none', stateBackend: 'memory' } as const
  const settings = { brokers, applicationId, ...kept, threads: 1, logLevel }
  const app = await start(topology, settings)
  onEnd(() => app.stop())
  const client = await connectKafka({ wire: kafka.wire(), env, ...batchCompression() })
  onEnd(() => client.close())
  const printer = await OutputPrinter.open(client, ends.outputs)
  onEnd(() => printer.close())
  const feeder = await LineFeeder.open(client, env, ends.source.topic)
  onEnd(() => feeder.close())

  const stop = new AbortController()
  const asked = options.below ? parentStops() : asksToStop()
  const processAll = async () => {
    await feedLines(feeder, ends.source, options, stop.signal)
    if (options.below) await new Promise<never>(() => undefined)
    await finished({ client, plan, printer, timers: env.timers, signal: stop.signal })
  }
  try {
    await Promise.race([processAll(), asked, app.done, printer.done])
  } finally {
    stop.abort()
  }
}

/** No other topics exist than those that are made now: a pattern reads the one for the lines. */
function withWantedTopic(topology: Topology, wanted: string | undefined): Topology {
  const known = withTopics(topology, wanted === undefined ? [] : [wanted])
  const lonely = lonelyPattern(known)
  if (lonely === undefined) return known
  throw usage(
    'COMMAND_LINE_INVALID',
    `the topology reads ${String(lonely)}: name a topic that it matches, with --topic`,
  )
}
