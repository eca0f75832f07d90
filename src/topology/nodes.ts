/** The frozen logical graph. Nodes are in an order in which inputs come first. */
import type { ErrorPolicy, OperatorSpec, Partitioner, SinkSpec } from '../operators/spec.ts'
import type { RecordContext } from '../operators/record.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { WatermarkSpec } from '../time/spec.ts'

/** Output `port` of node `node` (its index); port 0 except behind a split. */
export interface Edge {
  readonly node: number
  readonly port: number
}

interface NodeBase {
  /** Unique in the topology; the user's, or made from its kind or topic for stateless ones. */
  readonly name: string
  readonly inputs: readonly Edge[]
  /** For nodes that turn keys and values into bytes: why they do it with these serdes. */
  readonly serdes?: {
    readonly key: SerdeReason
    readonly value: SerdeReason
    /** Of the values of its second store, of an operator that has two. */
    readonly secondValue?: SerdeReason
  }
}

/**
 * Stated in the operator's own options, unchanged since node `node` (its index), the topology's
 * default, or the only format that the operator has.
 */
export type SerdeReason =
  | { readonly kind: 'stated' }
  | { readonly kind: 'follows'; readonly node: number }
  | { readonly kind: 'default' }
  | { readonly kind: 'fixed' }

export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  /** Of a pattern: those that it matches; itself where that is not known, or none. */
  readonly topics: readonly string[]
  readonly pattern?: RegExp
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly timestamp:
    | { erased(value: unknown, record: RecordContext): number }['erased']
    | undefined
  readonly watermark: WatermarkSpec
  /** A partition that is read to its end is idle after this time; undefined: never. */
  readonly idleAfterMs: number | undefined
  /** A repartition topic through which no watermarks come: it holds none back. */
  readonly silent?: true
  readonly startFrom: 'earliest' | 'latest' | { readonly lastMs: number }
  readonly onError: ErrorPolicy
}

export interface OperatorNode extends NodeBase {
  readonly kind: 'operator'
  /** Tables that the operator looks up: it meets them in a task, their changes do not enter it. */
  readonly lookups?: readonly Edge[]
  readonly spec: OperatorSpec
}

/** A managed topic between two sub-topologies, `<application>-<name>-repartition`. */
export interface RepartitionNode extends NodeBase {
  readonly kind: 'repartition'
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /** Undefined: as many as the largest input of the sub-topology upstream. */
  readonly partitions: number | undefined
  readonly partitioner: Partitioner | undefined
  /** Each record goes to every partition. */
  readonly everywhere?: boolean
  /** No watermarks come through it, and it holds none back. */
  readonly silent?: boolean
  readonly onError: ErrorPolicy
}

export interface SinkNode extends NodeBase {
  readonly kind: 'sink'
  readonly spec: SinkSpec
}

/** A topic of which every worker keeps a full copy; no task reads it. */
export interface GlobalTableNode extends NodeBase {
  readonly kind: 'global-table'
  /** Of the topic `sourceTopic`. */
  readonly store: StoreSpec
}

export type TopologyNode = GlobalTableNode | SourceNode | OperatorNode | RepartitionNode | SinkNode

/** What `topology(name, build)` answers: plain data. */
export interface Topology {
  readonly kind: 'topology'
  /** The application: consumer group, prefix of internal topics. */
  readonly name: string
  readonly nodes: readonly TopologyNode[]
}
