/** Finds who owns the parts of a store, asks them, and standbys where that is allowed. */
import type { Timers } from '../env/port.ts'
import type { Place } from '../group/directory.ts'
import { isStreamError, messageOf } from '../model/errors.ts'
import { taskId } from '../model/ids.ts'
import { murmur2, partitionOfHash } from '../model/murmur2.ts'
import type { SubTopology } from '../plan/plan.ts'
import { askOver } from '../query/http.ts'
import { unavailable } from '../query/typed-store.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { SilentPart, StoreAnswer, StorePart, StoreQuestion } from '../state/store-read.ts'

export interface RouterParts {
  readonly timers: Timers
  /** Of this process. */
  readonly processId: string
  readonly partitionsOf: (topic: string) => number
  /** The group now; undefined while it has no settled generation. */
  readonly places: () => Promise<readonly Place[] | undefined>
  readonly askLocal: (question: StoreQuestion) => Promise<StoreAnswer>
}

/** Where one part of a store is. */
export interface StoreOwner {
  readonly partition: number
  /** `host:port`; empty: the owner has no HTTP port. */
  readonly endpoint: string
  /** True when it is in this process. */
  readonly here: boolean
  /** Endpoints of processes that keep a copy. */
  readonly standbys: readonly string[]
}

/** For a question with all attempts: a rebalance is over by then, nearly always. */
const timeoutMs = 5_000
const pauseMs = 100

export class Router {
  readonly #parts: RouterParts
  #places: readonly Place[] | undefined

  constructor(parts: RouterParts) {
    this.#parts = parts
  }

  /** Which partition a key belongs to when Kafka's default partitioner chose it. */
  partitionOf(sub: SubTopology, spec: StoreSpec, key: Uint8Array, windowed = true): number {
    const end = key.length - (windowed ? (spec.key.keySuffixBytes ?? 0) : 0)
    return partitionOfHash(murmur2(key, 0, Math.max(0, end)), this.#partitions(sub))
  }

  /** @throws StreamError `STORE_UNAVAILABLE` while the group has no settled generation. */
  async ownerOf(sub: SubTopology, store: string, partition: number): Promise<StoreOwner> {
    const places = await this.#look(false)
    const task = taskId(sub.index, partition)
    const owner = places?.find(({ active }) => active.includes(task))
    if (owner === undefined) throw unavailable(store, this.#nobody(partition))
    const standbys = places?.filter(({ standby }) => standby.includes(task)) ?? []
    return {
      partition,
      endpoint: owner.endpoint,
      here: owner.process === this.#parts.processId,
      standbys: standbys.map(({ endpoint }) => endpoint),
    }
  }

  /** Every part that has to answer does, or it throws. @throws StreamError `STORE_UNAVAILABLE` */
  async ask(sub: SubTopology, spec: StoreSpec, question: StoreQuestion): Promise<StoreAnswer> {
    const signal = AbortSignal.timeout(timeoutMs)
    let wanted = question.partitions ?? this.#wanted(sub, spec, question)
    const parts: StorePart[] = []
    let silent: readonly SilentPart[] = []
    for (let attempt = 0; wanted.length > 0; attempt += 1) {
      const places = await this.#look(attempt > 0)
      const answers = await this.#round(sub, { ...question, partitions: wanted }, places, signal)
      parts.push(...answers.parts)
      silent = answers.silent
      wanted = silent.map(({ partition }) => partition)
      if (wanted.length > 0 && signal.aborted) break
      if (wanted.length > 0) await this.#parts.timers.sleep(pauseMs, signal)
    }
    const [mute] = silent
    if (mute === undefined) return { parts, silent }
    throw unavailable(question.store, `partition ${mute.partition}: ${mute.reason}`)
  }

  #wanted(sub: SubTopology, spec: StoreSpec, { read }: StoreQuestion): readonly number[] {
    if (read.kind === 'get') return [this.partitionOf(sub, spec, read.key)]
    if (read.kind === 'windows') return [this.partitionOf(sub, spec, read.key, false)]
    return Array.from({ length: this.#partitions(sub) }, (_, partition) => partition)
  }

  /** Each owner once; then, for what is silent, the standbys in turn. */
  async #round(
    sub: SubTopology,
    question: StoreQuestion,
    places: readonly Place[] | undefined,
    signal: AbortSignal,
  ): Promise<StoreAnswer> {
    const owners = (place: Place) => place.active
    const first = await this.#askPlaces(sub, question, places, owners, signal)
    if (question.staleMs === undefined || first.silent.length === 0) return first
    const partitions = first.silent.map(({ partition }) => partition)
    const standbys = (place: Place) => place.standby
    const second = await this.#askPlaces(sub, { ...question, partitions }, places, standbys, signal)
    const answered = new Set(second.parts.map(({ partition }) => partition))
    const silent = first.silent.filter(({ partition }) => !answered.has(partition))
    return { parts: [...first.parts, ...second.parts], silent }
  }

  async #askPlaces(
    sub: SubTopology,
    question: StoreQuestion,
    places: readonly Place[] | undefined,
    tasksOf: (place: Place) => readonly string[],
    signal: AbortSignal,
  ): Promise<StoreAnswer> {
    const silent: SilentPart[] = []
    const byPlace = new Map<Place, number[]>()
    for (const partition of question.partitions ?? []) {
      const task: string = taskId(sub.index, partition)
      const place = places?.find((one) => tasksOf(one).includes(task))
      if (place === undefined) silent.push({ partition, reason: this.#nobody(partition) })
      else byPlace.set(place, [...(byPlace.get(place) ?? []), partition])
    }
    const answers = await Promise.all(
      Array.from(byPlace, ([place, partitions]) =>
        this.#askOne(place, { ...question, partitions }, partitions, signal),
      ),
    )
    return {
      parts: answers.flatMap(({ parts }) => parts),
      silent: [...silent, ...answers.flatMap((answer) => answer.silent)],
    }
  }

  async #askOne(
    { process, endpoint }: Place,
    question: StoreQuestion,
    partitions: readonly number[],
    signal: AbortSignal,
  ): Promise<StoreAnswer> {
    const all = (reason: string) => partitions.map((partition) => ({ partition, reason }))
    if (process === this.#parts.processId) return this.#parts.askLocal(question)
    if (endpoint === '') {
      return { parts: [], silent: all('its owner has no HTTP port (option `port`)') }
    }
    try {
      return await askOver(`http://${endpoint}`, 'ask', question, signal)
    } catch (error) {
      if (isStreamError(error) && error.code !== 'STORE_UNAVAILABLE') throw error
      return { parts: [], silent: all(`${endpoint} does not answer (${messageOf(error)})`) }
    }
  }

  #nobody(partition: number): string {
    return this.#places === undefined
      ? 'the group is being rebalanced'
      : `nobody owns partition ${partition} now`
  }

  /** Kept until an attempt shows that it is out of date. */
  async #look(anew: boolean): Promise<readonly Place[] | undefined> {
    if (anew || this.#places === undefined) this.#places = await this.#parts.places()
    return this.#places
  }

  #partitions(sub: SubTopology): number {
    return Math.max(1, ...sub.sourceTopics.map((topic) => this.#parts.partitionsOf(topic)))
  }
}
