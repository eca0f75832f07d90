/** Defects of the epoch protocol and of who carries it out. */
import type { Mutation } from './mutation.ts'

export const epochMutations: readonly Mutation[] = [
  {
    name: 'an unknown outcome is taken for a commit',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/checkpoint/protocol.ts',
        find: ["case 'abort':", "    case 'unknown': {"],
        replace: [
          "case 'unknown':",
          "      return settled(state, { kind: 'ok' })",
          "    case 'abort': {",
        ],
      },
    ],
  },
  {
    name: 'an aborted epoch is applied',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/checkpoint/protocol.ts',
        find: ['  return rollBack(number, cutAtMs)', '}', '', 'function compared'],
        replace: [
          '  return { state: open(after(number), cutAtMs, false), commands: [apply(number)] }',
          '}',
          '',
          'function compared',
        ],
      },
    ],
  },
  {
    name: 'an unknown outcome is taken for an abort, where no position moves',
    scenario: 'reminders',
    edits: [
      {
        file: 'src/checkpoint/protocol.ts',
        find: "const unsettled = outcome.kind === 'unknown'",
        replace: 'const unsettled = false',
      },
    ],
  },
  {
    name: 'an unknown outcome is taken for an abort, and stores for those of any position',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/checkpoint/protocol.ts',
        find: "const unsettled = outcome.kind === 'unknown'",
        replace: 'const unsettled = false',
      },
      {
        file: 'src/worker/epochs.ts',
        find: 'return committed.get(name)?.offset !== this.#committed.get(name)?.offset',
        replace: 'return name === undefined',
      },
    ],
  },
  {
    name: 'an epoch that committed is dropped when positions are compared',
    scenario: 'reminders',
    edits: [
      {
        file: 'src/checkpoint/position-tag.ts',
        find: "=== own)) return 'kept'",
        replace: "=== own)) return 'dropped'",
      },
    ],
  },
  {
    name: 'the open output survives a roll-back',
    scenario: 'counts',
    edits: [
      {
        file: 'src/worker/epochs.ts',
        find: 'producer.discard()\n    this.#records = 0\n    const running',
        replace: 'this.#records = 0\n    const running',
      },
    ],
  },
  {
    name: 'the open output survives the loss of all tasks',
    scenario: 'counts',
    edits: [
      {
        file: 'src/worker/epochs.ts',
        find: 'producer.discard()\n    this.#sealed = undefined',
        replace: 'this.#sealed = undefined',
      },
    ],
  },
  {
    name: 'results of commands from before a loss count',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/epochs.ts',
        find: 'if (session !== this.#session) return\n      this.#tell(fact)',
        replace: 'this.#tell(fact)',
      },
    ],
  },
  {
    name: 'tasks are given up with an open epoch',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/ownership.ts',
        find: 'if (await epochs.settle()) this.#remove(step.tasks)',
        replace: 'this.#remove(step.tasks)',
      },
    ],
  },
  {
    name: 'tasks outlive the loss of their group, and commit in the next generation',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/ownership.ts',
        find: 'this.#parts.epochs.lost()\n',
        replace: '',
      },
      {
        file: 'src/worker/worker.ts',
        find: 'identity?.generation === this.#ownership.identity?.generation ?',
        replace: 'identity !== undefined ?',
      },
    ],
  },
  {
    name: 'positions are committed without a generation, and predecessors are not fenced',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/kafka/client/transactions/positions.ts',
        find: [
          'generationId: generation,',
          '        memberId,',
          '        groupInstanceId: instanceId,',
        ],
        replace: ['generationId: -1,', "memberId: '',", 'groupInstanceId: null,'],
      },
      {
        file: 'src/worker/ownership.ts',
        find: 'return admin.fenceProducers(step.transactionalIds, groupId)',
        replace: 'return',
      },
    ],
  },
  {
    name: 'input that is not committed is read',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/fetchers.ts',
        find: "isolation: 'read_committed',\n    waitMs: fetchWaitMs(settings),",
        replace: "isolation: 'read_uncommitted',\n    waitMs: fetchWaitMs(settings),",
      },
    ],
  },
  {
    name: 'repartition topics are purged ahead of what has committed',
    scenario: 'counts',
    edits: [
      {
        file: 'src/worker/purge.ts',
        find: 'await client.admin.deleteRecords(due)',
        replace:
          'await client.admin.deleteRecords(due.map((p) => ({ ...p, offset: p.offset + 3 })))',
      },
    ],
  },
]
