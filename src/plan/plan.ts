/**
 * What is run: the topology cut at its repartition topics. Made by `planTopology` from a topology
 * alone.
 */
import type { OperatorSpec, SinkSpec } from '../operators/spec.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { Edge, SourceNode } from '../topology/nodes.ts'

export interface Plan {
  readonly application: string
  readonly subTopologies: readonly SubTopology[]
  readonly internalTopics: readonly InternalTopic[]
  /** Stores that every worker has all of, each of its `sourceTopic`. */
  readonly globalTables: readonly StoreSpec[]
  /**
   * Differs when tasks, topics or stores differ: workers with different ones must not share a
   * group.
   */
  readonly fingerprint: string
}

export interface SubTopology {
  readonly index: number
  /**
   * Topics read, user's and repartition, sorted. Its tasks are as many as the largest has
   * partitions.
   */
  readonly sourceTopics: readonly string[]
  /** User topics written, dead-letter topics among them, sorted. */
  readonly sinkTopics: readonly string[]
  /**
   * Source topics that meet in one store: those of a group must have the same number of partitions.
   */
  readonly coPartitioned: readonly (readonly string[])[]
  readonly stores: readonly StoreSpec[]
  /** In execution order; edges are indexes into this array. */
  readonly steps: readonly PlanStep[]
}

export type PlanStep = PlanSource | PlanOperator | PlanSink

interface PlanStepBase {
  readonly name: string
  readonly inputs: readonly Edge[]
}

export interface PlanSource extends PlanStepBase {
  readonly kind: 'source'
  readonly source: SourceNode
  /** A repartition topic: control records carry the producing tasks' watermarks. */
  readonly repartition: boolean
}

export interface PlanOperator extends PlanStepBase {
  readonly kind: 'operator'
  readonly spec: OperatorSpec
  /** Steps whose stores it looks up; nothing flows along these edges. */
  readonly lookups: readonly Edge[]
}

export interface PlanSink extends PlanStepBase {
  readonly kind: 'sink'
  readonly spec: SinkSpec
  /** The sink writes a repartition topic: watermark control records go there too. */
  readonly repartition: boolean
  /**
   * False where nobody downstream reads values: then a repartition topic carries keys only, and
   * an empty value stands for each value that is not null.
   */
  readonly carriesValue: boolean
}

/** A topic that the application owns and creates; its name is complete (`<application>-…`). */
export type InternalTopic =
  | {
      readonly kind: 'repartition'
      readonly name: string
      /** A fixed number, or as many as the largest of these topics has. */
      readonly partitions: number | { readonly largestOf: readonly string[] }
      readonly configs: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'changelog'
      readonly name: string
      readonly store: string
      readonly subTopology: number
      readonly configs: Readonly<Record<string, string>>
    }
