/** Starts the workers of one process, each in a slot of its own. */
import type { Settings } from '../config/option-table.ts'
import type { SystemEnv } from '../env/system.ts'
import type { KafkaClient } from '../kafka/client/port.ts'
import type { KafkaWire } from '../kafka/wire.ts'
import type { ProcessIdentity } from '../worker/state-directory.ts'
import { Worker } from '../worker/worker.ts'
import { connect } from './connect.ts'
import type { KnownTopics } from './known-topics.ts'
import { LocalSlot } from './local-slot.ts'
import { ReplacingSlot } from './replacing-slot.ts'
import type { Slot } from './slot.ts'
import { openTaskStates } from './task-states.ts'
import { startThread } from './thread-slot.ts'

export interface WorkerStarterParts {
  readonly env: SystemEnv
  readonly settings: Settings
  readonly endpoint: string
  readonly identity: ProcessIdentity
  /** Instead of sockets. */
  readonly wire: KafkaWire | undefined
  /** Its topics may change while it runs. */
  readonly hasPatterns: boolean
  readonly onRebalanced: () => void
}

export class WorkerStarter {
  readonly #parts: WorkerStarterParts
  readonly #replacing: ReplacingSlot[] = []
  /** What workers that begin from now on go by. */
  #found: KnownTopics

  constructor(parts: WorkerStarterParts, found: KnownTopics) {
    this.#parts = parts
    this.#found = found
  }

  get found(): KnownTopics {
    return this.#found
  }

  /** The worker of this thread. @param client The first one's; those after it connect anew. */
  async local(client: KafkaClient): Promise<Slot> {
    const first = await this.#worker(client)
    return this.#slotOf(0, first, async () => this.#worker(await this.#connected()))
  }

  /** One in a thread of its own. @param module URL of the module with the topology. */
  thread(slot: number, module: string): Slot {
    const start = async () => this.#thread(slot, module)
    return this.#slotOf(slot, this.#thread(slot, module), start)
  }

  /** The workers begin anew, one after the other, and go by these topics. */
  async renew(found: KnownTopics): Promise<void> {
    this.#found = found
    for (const slot of this.#replacing) await slot.renew()
  }

  /** As the option `workerFailure` says; where topics may come, a slot that can be renewed. */
  #slotOf(slot: number, first: Slot, start: () => Promise<Slot>): Slot {
    const { settings, env, identity, hasPatterns } = this.#parts
    const replacesFailed = settings.workerFailure === 'replace'
    if (!replacesFailed && !hasPatterns) return first
    const { clock, timers, logger, metrics } = env
    const help = 'Workers that took the place of one that had failed'
    const replaced = metrics.counter('millrace_workers_replaced_total', help)
    const keepsName = identity.instanceOf(slot) !== null
    const parts = { clock, timers, logger, replaced, start, replacesFailed, keepsName }
    const replacing = new ReplacingSlot(first, parts)
    this.#replacing.push(replacing)
    return replacing
  }

  async #worker(client: KafkaClient): Promise<Slot> {
    const { env, settings, endpoint, identity, onRebalanced } = this.#parts
    const { plan, counts } = this.#found
    const { directory, processId } = identity
    const about = { env, settings, plan }
    const states = await orClose(client, () => openTaskStates({ ...about, directory, slot: 0 }))
    const member = { processId, slot: 0, instanceId: identity.instanceOf(0), endpoint }
    const worker = new Worker({ ...about, ...member, counts, client, states, onRebalanced })
    return new LocalSlot(worker, client, env.metrics)
  }

  #thread(slot: number, module: string): Slot {
    const { settings, endpoint, identity, onRebalanced } = this.#parts
    const { counts, matched } = this.#found
    const { processId, directory } = identity
    const member = { processId, directory, slot, instanceId: identity.instanceOf(slot), endpoint }
    return startThread({ settings, counts, matched, ...member, module }, onRebalanced)
  }

  async #connected(): Promise<KafkaClient> {
    const { settings, env, wire } = this.#parts
    const client = await connect(settings, env, wire)
    // The output's topics have to be known before the first record is written.
    const topics = Array.from(this.#found.counts.keys())
    await orClose(client, () => client.admin.describeTopics(topics))
    return client
  }
}

/** A client that somebody failed with is nobody's. */
export async function orClose<Value>(
  client: KafkaClient,
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    await client.close()
    throw error
  }
}
