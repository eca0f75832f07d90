/** The part of @kafkats/flow 0.12 that the benchmark uses; the package is no dependency here. */

export interface FlowSettings {
  readonly workload: string
  readonly brokers: string
  readonly application: string
  readonly events: string
  readonly output: string
  readonly partitions: number
  readonly commitMs: number
  readonly threads: number
  readonly store: string
  readonly stateDirectory: string
}

export interface Codec<T> {
  encode(value: T): Buffer
  decode(bytes: Buffer): T
}

export type NumberCodec = Codec<number>

interface Form<K, V> {
  readonly key: Codec<K>
  readonly value: Codec<V>
}

export interface Stream<K, V> {
  filter(keep: (key: K | null, value: V | null) => boolean): Stream<K, V>
  mapValues<W>(change: (value: V | null) => W | null): Stream<K, W>
  to(topic: string, form: Form<K, V>): void
  groupByKey(form: Form<K, V>): {
    count(options: Form<K, number> & { readonly storeName: string }): {
      toStream(): Stream<K, number>
    }
  }
}

interface App {
  stream<K, V>(topic: string, form: Form<K, V>): Stream<K, V>
  start(): Promise<void>
}

export interface FlowModule {
  flow(config: Readonly<Record<string, unknown>>): App
  readonly codec: { buffer(): Codec<Buffer>; json<T>(): Codec<T> }
}

export interface LmdbModule {
  lmdb(options: { readonly stateDir: string }): unknown
}
