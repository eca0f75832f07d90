/** Runs a topology: `start(topology, options)`. */
import { hostname } from 'node:os'
import { type App, RunningApp, threadsNeedModule } from './app/app.ts'
import { connect } from './app/connect.ts'
import { LocalSlot } from './app/local-slot.ts'
import type { Slot } from './app/slot.ts'
import { openTaskStates } from './app/task-states.ts'
import { ReplacingSlot } from './app/replacing-slot.ts'
import { startThread } from './app/thread-slot.ts'
import type { Settings } from './config/option-table.ts'
import type { OptionsInput } from './config/settings.ts'
import { loadSettings } from './config/sources.ts'
import { systemEnv, type SystemEnv } from './env/system.ts'
import type { KafkaClient } from './kafka/client/port.ts'
import type { KafkaWire } from './kafka/wire.ts'
import { OpsApi } from './ops/api.ts'
import { type HttpPort, openHttpPort } from './ops/http-port.ts'
import { planTopology } from './plan/plan-topology.ts'
import type { Topology } from './topology/nodes.ts'
import { openIdentity, type ProcessIdentity } from './worker/state-directory.ts'
import { prepareTopics } from './worker/topics.ts'
import { Worker, type WorkerParts } from './worker/worker.ts'

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
  const plan = planTopology({ ...topology, name: settings.applicationId ?? topology.name })
  if (settings.threads > 1 && module === undefined) throw threadsNeedModule()
  const env = systemEnv({
    logLevel: settings.logLevel,
    fields: { application: plan.application },
  })
  const identity = await openIdentity(settings.stateDir, plan.application, settings.instanceId)
  const api = new OpsApi(env.timers)
  let port: HttpPort | undefined
  try {
    if (settings.port !== undefined) {
      const at = { host: settings.host, port: settings.port }
      port = await openHttpPort(at, api.respond, env.logger)
    }
    const client = await connect(settings, env, wire)
    const counts = await prepare(client, () =>
      prepareTopics(plan, client.admin, env, {
        waitMs: settings.topicWait,
        replicationFactor: settings.replicationFactor,
      }),
    )
    const endpoint = port === undefined ? '' : `${advertisedHost(settings)}:${port.port}`
    const parts = { env, settings, plan, counts, endpoint, processId: identity.processId }
    const app = await run(parts, identity, { client, wire }, module, port)
    api.serve(app)
    return app
  } catch (error) {
    await port?.close()
    identity.release()
    throw error
  }
}

type Shared = Omit<WorkerParts, 'client' | 'slot' | 'instanceId' | 'onRebalanced'> & {
  readonly env: SystemEnv
  readonly settings: Settings
}

async function run(
  parts: Shared,
  identity: ProcessIdentity,
  { client, wire }: { readonly client: KafkaClient; readonly wire: KafkaWire | undefined },
  module: string | undefined,
  port: HttpPort | undefined,
): Promise<RunningApp> {
  const late: { app?: RunningApp } = {}
  const onRebalanced = () => late.app?.rebalanced()
  const spawn = module === undefined ? undefined : spawner(parts, identity, module, onRebalanced)
  const threads = parts.settings.threads > 1 ? spawn : undefined
  // The connection of the start has done its work then: each thread makes its own.
  if (threads !== undefined) void client.close()
  const worker = (connected: KafkaClient) => local(parts, identity, connected, onRebalanced)
  const another = async () => worker(await reconnected(parts, wire))
  const slots =
    threads === undefined
      ? [replacing(parts, await worker(client), another)]
      : Array.from({ length: parts.settings.threads }, (_, slot) => threads(slot))
  const onEnd = async () => {
    await port?.close()
    identity.release()
  }
  const { plan, counts, processId, env } = parts
  const partitionsOf = (topic: string) => counts.get(topic) ?? 0
  const about = { plan, partitionsOf, processId, timers: env.timers, port: port?.port }
  late.app = new RunningApp({ ...about, slots, spawn, onEnd })
  return late.app
}

async function local(
  parts: Shared,
  identity: ProcessIdentity,
  client: KafkaClient,
  onRebalanced: () => void,
): Promise<Slot> {
  const instanceId = identity.instanceOf(0)
  const { directory } = identity
  const states = await prepare(client, () => openTaskStates({ ...parts, directory, slot: 0 }))
  const worker = new Worker({ ...parts, client, slot: 0, instanceId, states, onRebalanced })
  return new LocalSlot(worker, client, parts.env.metrics)
}

function spawner(
  parts: Shared,
  identity: ProcessIdentity,
  module: string,
  onRebalanced: () => void,
): (slot: number) => Slot {
  const { settings, counts, processId, endpoint } = parts
  const about = { settings, counts, processId, endpoint, directory: identity.directory, module }
  return (slot) => {
    const thread = { ...about, slot, instanceId: identity.instanceOf(slot) }
    const begin = () => startThread(thread, onRebalanced)
    return replacing(parts, begin(), async () => begin())
  }
}

/** As the option `workerFailure` says. */
function replacing({ settings, env }: Shared, first: Slot, begin: () => Promise<Slot>): Slot {
  if (settings.workerFailure !== 'replace') return first
  const { clock, timers, logger, metrics } = env
  const help = 'Workers that took the place of one that had failed'
  const replaced = metrics.counter('millrace_workers_replaced_total', help)
  return new ReplacingSlot(first, { clock, timers, logger, replaced, start: begin })
}

async function reconnected(
  { settings, env, counts }: Shared,
  wire: KafkaWire | undefined,
): Promise<KafkaClient> {
  const client = await connect(settings, env, wire)
  // The output's topics have to be known before the first record is written.
  await prepare(client, () => client.admin.describeTopics(Array.from(counts.keys())))
  return client
}

async function prepare<Value>(client: KafkaClient, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    await client.close()
    throw error
  }
}

/** Where other workers find this one: an address that stands for all of them names none. */
function advertisedHost({ host, advertisedHost }: Settings): string {
  const all = host === '0.0.0.0' || host === '::'
  return advertisedHost ?? (all ? hostname() : host)
}
