/** The stores of an application as its process sees them: its own parts, and those of others. */
import { StreamError } from '../model/errors.ts'
import type { Plan, SubTopology } from '../plan/plan.ts'
import { type StoreQuery, TypedStore } from '../query/typed-store.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import { Router, type RouterParts, type StoreOwner } from './router.ts'
import type { Slot } from './slot.ts'

/** A store of all processes: what is not here is asked for over their HTTP ports. */
export interface RoutedStore<K = unknown, V = unknown> extends StoreQuery<K, V> {
  /**
   * Who has the part of a key.
   * @throws StreamError `STORE_UNAVAILABLE` while the group is being rebalanced
   */
  owner(key: K): Promise<StoreOwner>
}

export interface AppStoresParts extends Pick<RouterParts, 'timers' | 'processId' | 'partitionsOf'> {
  readonly plan: Plan
  readonly slots: () => readonly Slot[]
}

interface Known {
  /** Undefined for a global table, of which each worker has all. */
  readonly sub: SubTopology | undefined
  readonly spec: StoreSpec
}

/** Of a global table. */
const everywhere: StoreOwner = { partition: 0, endpoint: '', here: true, standbys: [] }

export class AppStores {
  readonly #parts: AppStoresParts
  readonly #router: Router

  constructor(parts: AppStoresParts) {
    this.#parts = parts
    const { timers, processId, partitionsOf } = parts
    const places = async () => parts.slots()[0]?.places()
    const askLocal = (question: StoreQuestion) => this.ask(question)
    this.#router = new Router({ timers, processId, partitionsOf, places, askLocal })
  }

  /** The parts that are in this process. @throws StreamError `UNKNOWN_STORE` */
  local(name: string): StoreQuery {
    const { spec } = this.#find(name)
    const { key, value } = spec
    return new TypedStore({ store: name, key, value, ask: (question) => this.ask(question) })
  }

  /** @throws StreamError `UNKNOWN_STORE` */
  routed(name: string): RoutedStore {
    const { sub, spec } = this.#find(name)
    const { key, value } = spec
    const router = this.#router
    const store = new TypedStore({ store: name, key, value, ask: (one) => this.route(one) })
    return Object.assign(store, {
      owner: async (of: unknown) =>
        sub === undefined
          ? everywhere
          : router.ownerOf(sub, name, router.partitionOf(sub, spec, key.serialize(of))),
    })
  }

  /** @throws StreamError `UNKNOWN_STORE` */
  specOf(name: string): StoreSpec {
    return this.#find(name).spec
  }

  /** All workers of this process; parts that are not here are silent when they were asked for. */
  async ask(question: StoreQuestion): Promise<StoreAnswer> {
    const { sub } = this.#find(question.store)
    const slots = this.#parts.slots()
    const asked = sub === undefined ? slots.slice(0, 1) : slots
    const answers = await Promise.all(asked.map((slot) => slot.ask(question)))
    const parts = answers.flatMap((answer) => answer.parts)
    const silent = answers.flatMap((answer) => answer.silent)
    const told = new Set([...parts, ...silent].map(({ partition }) => partition))
    const missing = (question.partitions ?? []).filter((partition) => !told.has(partition))
    const reason = 'it is not in this process now'
    return { parts, silent: [...silent, ...missing.map((partition) => ({ partition, reason }))] }
  }

  /** The owners, wherever they are. @throws StreamError `STORE_UNAVAILABLE` */
  route(question: StoreQuestion): Promise<StoreAnswer> {
    const { sub, spec } = this.#find(question.store)
    return sub === undefined ? this.ask(question) : this.#router.ask(sub, spec, question)
  }

  #find(name: string): Known {
    const { subTopologies, globalTables } = this.#parts.plan
    const global = globalTables.find((store) => store.name === name)
    if (global !== undefined) return { sub: undefined, spec: global }
    for (const sub of subTopologies) {
      const spec = sub.stores.find((store) => store.name === name)
      if (spec !== undefined) return { sub, spec }
    }
    const all = [...subTopologies.flatMap(({ stores }) => stores), ...globalTables]
    const known = all.map((store) => store.name)
    throw new StreamError(
      'UNKNOWN_STORE',
      `there is no store "${name}"; there are: ${known.join(', ')}`,
      { domain: 'user', recovery: 'fatal' },
    )
  }
}
