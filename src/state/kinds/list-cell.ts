import type { TimedElement } from '../../serde/list.ts'
import type { ListState } from './handles.ts'
import type { KeyedEntry } from './keyed-entry.ts'
import type { Lifetime } from './ttl.ts'

/** The list is one entry of the store: it is written whole at a cut that changed it. */
export class ListCell implements ListState<unknown> {
  readonly #entry: KeyedEntry

  constructor(entry: KeyedEntry) {
    this.#entry = entry
  }

  get(): readonly unknown[] {
    return this.#list()
  }

  add(value: unknown): void {
    const list = this.#list()
    list.push(value)
    this.#entry.write(list)
  }

  addAll(values: Iterable<unknown>): void {
    const list = this.#list()
    const before = list.length
    for (const value of values) list.push(value)
    if (list.length > before) this.#entry.write(list)
  }

  set(values: Iterable<unknown>): void {
    const list = Array.from(values)
    this.#entry.write(list.length === 0 ? undefined : list)
  }

  clear(): void {
    this.#entry.clear()
  }

  #list(): unknown[] {
    const list = this.#entry.read()
    return Array.isArray(list) ? list : []
  }
}

/**
 * Elements live and expire each for itself, as in Flink's TtlListState; the entry has the time of
 * the element that was used last. Whoever reads the list removes what has expired of it.
 */
export class TimedListCell implements ListState<unknown> {
  readonly #entry: KeyedEntry
  readonly #lifetime: Lifetime

  constructor(entry: KeyedEntry, lifetime: Lifetime) {
    this.#entry = entry
    this.#lifetime = lifetime
  }

  get(): readonly unknown[] {
    const lifetime = this.#lifetime
    const all = this.#elements()
    const alive = all.filter(({ time }) => !lifetime.isOver(time))
    const refreshes = lifetime.spec?.refresh === 'read' && alive.length > 0
    if (refreshes) for (const element of alive) element.time = lifetime.now
    if (refreshes || alive.length < all.length) this.#write(alive)
    const shown = lifetime.spec?.show === 'until-cleaned' ? all : alive
    return shown.map(({ value }) => value)
  }

  add(value: unknown): void {
    this.addAll([value])
  }

  addAll(values: Iterable<unknown>): void {
    const time = this.#lifetime.now
    const elements = this.#elements()
    const before = elements.length
    for (const value of values) elements.push({ time, value })
    if (elements.length > before) this.#write(elements)
  }

  set(values: Iterable<unknown>): void {
    const time = this.#lifetime.now
    this.#write(Array.from(values, (value) => ({ time, value })))
  }

  clear(): void {
    this.#entry.clear()
  }

  #elements(): TimedElement[] {
    const list = this.#entry.read()
    return Array.isArray(list) ? list : []
  }

  #write(elements: readonly TimedElement[]): void {
    this.#entry.write(elements.length === 0 ? undefined : elements)
  }
}
