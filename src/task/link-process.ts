import { assert } from '../model/errors.ts'
import type { Failures, TaskScope } from '../operators/failures.ts'
import { ProcessStep } from '../operators/process/process-step.ts'
import type { ProcessSpec } from '../operators/process/spec.ts'
import type { Step } from '../operators/step.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { ChainStores } from './chain-stores.ts'

export interface ProcessNode {
  readonly name: string
  readonly spec: ProcessSpec
  readonly partition: number
  readonly scope: TaskScope
  readonly failures: Failures
  /** What follows an output port. */
  readonly next: (port: number) => Step
}

/** Builds a process operator on the stores of its task. */
export function linkProcess(node: ProcessNode, all: ChainStores): ProcessStep {
  const { spec } = node
  const stores = {
    of(store: StoreSpec): EpochBuffer<ObjectColumn> {
      const found = all.of(store)
      assert(found.kind === 'objects', 'the state of a process operator is objects')
      return found.buffer
    },
  }
  const sides = new Map(spec.sides.map(({ name }, at) => [name, node.next(at + 1)]))
  return new ProcessStep(spec, { ...node, stores }, { main: node.next(0), sides })
}
