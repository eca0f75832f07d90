/** Runs a topology: `start(topology, options)`. */
import { hostname } from 'node:os'
import { type App, RunningApp, threadsNeedModule } from './app/app.ts'
import { connect } from './app/connect.ts'
import { type KnownTopics, lookAtTopics, watchTopics } from './app/known-topics.ts'
import { orClose, WorkerStarter, type WorkerStarterParts } from './app/worker-starter.ts'
import type { Settings } from './config/option-table.ts'
import type { OptionsInput } from './config/settings.ts'
import { loadSettings } from './config/sources.ts'
import { systemEnv } from './env/system.ts'
import type { KafkaClient } from './kafka/client/port.ts'
import type { KafkaWire } from './kafka/wire.ts'
import { OpsApi } from './ops/api.ts'
import { type HttpPort, openHttpPort } from './ops/http-port.ts'
import { planTopology } from './plan/plan-topology.ts'
import type { Topology } from './topology/nodes.ts'
import { hasPatterns } from './topology/patterns.ts'
import { openIdentity } from './worker/state-directory.ts'

export interface StartOptions extends OptionsInput {
  /** Configuration file. @default `millrace.config.yaml`, where there is one */
  readonly config?: string
  /**
   * URL of the module whose default export is the topology, for `threads` above 1: each thread
   * imports it for itself. It must do nothing but export.
   */
  readonly module?: string
  /** Text values of command-line flags, by option name. */
  readonly flags?: Readonly<Record<string, string | undefined>>
  /** Instead of sockets: `EmbeddedKafka.wire()` in tests. */
  readonly wire?: KafkaWire
}

/**
 * Connects, checks and makes topics, and joins the group; resolves when the workers run.
 *
 * @throws StreamError `OPTION_INVALID`, `STATE_DIRECTORY_IN_USE`, `HTTP_PORT_TAKEN`,
 * `BROKER_UNREACHABLE`,
 * `TOPIC_MISSING`, `INTERNAL_TOPIC_MISMATCH`, `THREADS_NEED_MODULE`, …: docs/errors.md
 */
export async function start(topology: Topology, options: StartOptions = {}): Promise<App> {
  const { config, module, flags, wire, ...given } = options
  const settings = loadSettings({
    options: given,
    file: config,
    ...(flags === undefined ? {} : { flags }),
  })
  const named = { ...topology, name: settings.applicationId ?? topology.name }
  // What is wrong with the topology itself is told before anything else.
  const { application } = planTopology(named)
  if (settings.threads > 1 && module === undefined) throw threadsNeedModule()
  const env = systemEnv({ logLevel: settings.logLevel, fields: { application } })
  const identity = await openIdentity(settings.stateDir, application, settings.instanceId)
  const api = new OpsApi(env.timers)
  let port: HttpPort | undefined
  try {
    if (settings.port !== undefined) {
      const at = { host: settings.host, port: settings.port }
      port = await openHttpPort(at, api.respond, env.logger)
    }
    const client = await connect(settings, env, wire)
    const found = await orClose(client, () => lookAtTopics(named, client.admin, { env, settings }))
    const app = await run(named, { env, settings, identity, wire, port }, client, found, module)
    api.serve(app)
    return app
  } catch (error) {
    await port?.close()
    identity.release()
    throw error
  }
}

interface Running extends Pick<WorkerStarterParts, 'env' | 'settings' | 'identity' | 'wire'> {
  readonly port: HttpPort | undefined
}

async function run(
  topology: Topology,
  { port, ...parts }: Running,
  client: KafkaClient,
  found: KnownTopics,
  module: string | undefined,
): Promise<RunningApp> {
  const { env, settings, identity, wire } = parts
  const late: { app?: RunningApp } = {}
  const onRebalanced = () => late.app?.rebalanced()
  const endpoint = port === undefined ? '' : `${advertisedHost(settings)}:${port.port}`
  const patterned = { hasPatterns: hasPatterns(topology) }
  const starter = new WorkerStarter({ ...parts, endpoint, ...patterned, onRebalanced }, found)
  const spawn = module === undefined ? undefined : (slot: number) => starter.thread(slot, module)
  const threads = settings.threads > 1 ? spawn : undefined
  // The connection of the start has done its work then: each thread makes its own.
  if (threads !== undefined) void client.close()
  const slots =
    threads === undefined
      ? [await starter.local(client)]
      : Array.from({ length: settings.threads }, (_, slot) => threads(slot))
  const end = new AbortController()
  const onEnd = async () => {
    end.abort()
    await port?.close()
    identity.release()
  }
  const partitionsOf = (topic: string) => starter.found.counts.get(topic) ?? 0
  const about = {
    plan: found.plan,
    partitionsOf,
    processId: identity.processId,
    timers: env.timers,
  }
  late.app = new RunningApp({ ...about, port: port?.port, slots, spawn, onEnd })
  if (patterned.hasPatterns) {
    const known = {
      known: () => starter.found,
      onChanged: (topics: KnownTopics) => starter.renew(topics),
    }
    const reconnect = () => connect(settings, env, wire)
    void watchTopics({ topology, env, settings, connect: reconnect, ...known }, end.signal)
  }
  return late.app
}

/** Where other workers find this one: an address that stands for all of them names none. */
function advertisedHost({ host, advertisedHost }: Settings): string {
  const all = host === '0.0.0.0' || host === '::'
  return advertisedHost ?? (all ? hostname() : host)
}
