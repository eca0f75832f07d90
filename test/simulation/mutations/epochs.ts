/** Defects of the epoch protocol and of who carries it out. */
import type { Mutation } from './mutation.ts'

export const epochMutations: readonly Mutation[] = [
  {
    name: 'an unknown outcome is taken for an abort',
    file: 'src/checkpoint/protocol.ts',
    find: "const unsettled = outcome.kind === 'unknown'",
    replace: 'const unsettled = false',
  },
  {
    name: 'an unknown outcome is taken for a commit',
    file: 'src/checkpoint/protocol.ts',
    find: ["case 'abort':", "    case 'unknown': {"],
    replace: [
      "case 'unknown':",
      '      return { state: open(after(number), cutAtMs, requested), commands: [apply(number)] }',
      "    case 'abort': {",
    ],
  },
  {
    name: 'an aborted epoch is applied',
    file: 'src/checkpoint/protocol.ts',
    find: ['  return rollBack(number, cutAtMs)', '}', '', 'function compared'],
    replace: [
      '  return { state: open(after(number), cutAtMs, false), commands: [apply(number)] }',
      '}',
      '',
      'function compared',
    ],
  },
  {
    name: 'an epoch that committed is dropped when positions are compared',
    file: 'src/checkpoint/position-tag.ts',
    find: "=== own)) return 'kept'",
    replace: "=== own)) return 'dropped'",
  },
  {
    name: 'somebody else’s positions are taken for an epoch that was dropped',
    file: 'src/checkpoint/position-tag.ts',
    find: "return unchanged ? 'dropped' : 'foreign'",
    replace: "return unchanged ? 'dropped' : 'kept'",
  },
  {
    name: 'the open output survives a roll-back',
    file: 'src/worker/epochs.ts',
    find: 'producer.discard()\n    this.#records = 0\n    const running',
    replace: 'this.#records = 0\n    const running',
  },
  {
    name: 'the open output survives the loss of all tasks',
    file: 'src/worker/epochs.ts',
    find: 'producer.discard()\n    this.#sealed = undefined',
    replace: 'this.#sealed = undefined',
  },
  {
    name: 'results of commands from before a loss count',
    file: 'src/worker/epochs.ts',
    find: 'if (session !== this.#session) return\n      this.#tell(fact)',
    replace: 'this.#tell(fact)',
  },
  {
    name: 'tasks of another generation are committed in the present one',
    file: 'src/worker/worker.ts',
    find: 'identity?.generation === this.#ownership.identity?.generation ? identity : undefined',
    replace: 'identity',
  },
  {
    name: 'tasks are given up with an open epoch',
    file: 'src/worker/ownership.ts',
    find: 'if (await epochs.settle()) this.#remove(step.tasks)',
    replace: 'this.#remove(step.tasks)',
  },
  {
    name: 'tasks are kept when the group took them away',
    file: 'src/worker/ownership.ts',
    find: 'this.#parts.epochs.lost()\n',
    replace: '',
  },
  {
    name: 'an assignment that was lost meanwhile is carried out',
    file: 'src/worker/ownership.ts',
    find: 'if (this.#identity !== identity) return\n',
    replace: '',
  },
  {
    name: 'a late join of its own makes a static member stop',
    file: 'src/kafka/client/membership/answers.ts',
    find: "if (verdict === 'instance-fenced' && state.strayJoins > 0) {",
    replace: 'if (state.strayJoins > 99) {',
  },
  {
    name: 'a late join of the process before makes a static member stop',
    file: 'src/kafka/client/membership/answers.ts',
    find: 'nameless && state.failures < strayJoinsMax',
    replace: 'nameless && state.failures < 0',
  },
  {
    name: 'input that is not committed is read',
    file: 'src/worker/worker.ts',
    find: "isolation: 'read_committed',\n      waitMs: fetchWaitMs(settings),",
    replace: "isolation: 'read_uncommitted',\n      waitMs: fetchWaitMs(settings),",
  },
  {
    name: 'repartition topics are purged ahead of what has committed',
    file: 'src/worker/purge.ts',
    find: 'await admin.deleteRecords(due)',
    replace:
      'await admin.deleteRecords(due.map((point) => ({ ...point, offset: point.offset + 3 })))',
  },
]
