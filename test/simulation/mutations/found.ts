/**
 * Bugs that simulation has found, each as the defect that it was: its fix taken out again. Seeds
 * are not kept, for what a seed draws changes with every change of the simulation; that it would
 * find the bug today is what the mutation check says.
 */
import type { Mutation } from './mutation.ts'

export const foundMutations: readonly Mutation[] = [
  {
    name: 'an assignment that was lost meanwhile is carried out',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/ownership.ts',
        find: 'if (this.#identity !== identity) return\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a late join of its own makes a static member stop',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/kafka/client/membership/answers.ts',
        find: "if (verdict === 'instance-fenced' && state.strayJoins > 0) {",
        replace: 'if (state.strayJoins > 99) {',
      },
    ],
  },
  {
    name: 'a late join of the process before makes a static member stop',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/kafka/client/membership/answers.ts',
        find: 'nameless && state.failures < strayJoinsMax',
        replace: 'nameless && state.failures < 0',
      },
    ],
  },
  {
    name: 'a standby’s table goes back to an older position of its owner',
    scenario: 'table-relations',
    edits: [
      {
        file: 'src/task/task-stores.ts',
        find: 'one.end = Math.max(one.end ?? 0, input?.offset ?? 0)',
        replace: 'one.end = input?.offset ?? 0',
      },
    ],
  },
  {
    name: 'a static member keeps its tasks through a generation that passed it by',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/kafka/client/membership/answers.ts',
        find: 'state.holding && generation > state.generation + 1',
        replace: 'state.holding && generation < state.generation',
      },
    ],
  },
  {
    name: 'what others have read and purged is taken for lost by who stood still',
    scenario: 'stages',
    edits: [
      {
        file: 'src/worker/worker.ts',
        find: 'if (!readOn) throw',
        replace: 'throw',
      },
    ],
  },
]
