/** Defects of tasks and their stores. */
import type { Mutation } from './mutation.ts'

export const stateMutations: readonly Mutation[] = [
  {
    name: 'the position is that of what is queued, not of what is processed',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/task/input-queue.ts',
        find: 'return Math.max(offset ?? this.#nextOffset, this.#floor)',
        replace: 'return Math.max(this.#nextOffset, (offset ?? 0) * 0, this.#floor)',
      },
    ],
  },
  {
    name: 'positions that moved without output are not committed',
    scenario: 'random-topology',
    edits: [
      {
        file: 'src/task/pipeline-task.ts',
        find: 'if (this.#moved() || this.#stores.dirty',
        replace: 'if (this.#stores.dirty',
      },
    ],
  },
  {
    name: 'the committed watermark is lost at a hand-over',
    scenario: 'stragglers',
    edits: [
      {
        file: 'src/task/pipeline-task.ts',
        find: 'this.#time.restart(committedWatermark(positions))',
        replace: 'this.#time.restart(noTime)',
      },
    ],
  },
  {
    name: 'changelogs are restored with aborted records',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/fetchers.ts',
        find: "isolation: 'read_committed',\n    waitMs: 100,",
        replace: "isolation: 'read_uncommitted',\n    waitMs: 100,",
      },
    ],
  },
  {
    name: 'deletions are not restored',
    scenario: 'reminders',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: 'if (valueStart < 0) this.#empty(entry)\n    else this.#load',
        replace: 'if (valueStart >= 0) this.#load',
      },
    ],
  },
  {
    name: 'restoring ends at the last stable offset',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/restoration.ts',
        find: "admin.listOffsets(partitions, 'latest', 'read_uncommitted')",
        replace: "admin.listOffsets(partitions, 'latest', 'read_committed')",
      },
    ],
  },
  {
    name: 'restoring ends a little early',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/worker/restoration.ts',
        find: 'if (nextOffset < one.end) continue',
        replace: 'if (nextOffset < one.end - 40) continue',
      },
    ],
  },
  {
    name: 'a flush contains what has not committed',
    scenario: 'stages',
    edits: [
      {
        file: 'src/state/committed-values.ts',
        find: 'if (item < 0) column.encode(entry)',
        replace: 'if (item < 0 || entry >= 0) column.encode(entry)',
      },
    ],
  },
  {
    name: 'a flush claims a later changelog offset than it has',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: 'this.below.batch(this.#nextOffset)',
        replace: 'this.below.batch((this.#nextOffset ?? 0) + 6)',
      },
    ],
  },
  {
    name: 'a flush forgets changes of the last epoch',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: ['if (this.below !== undefined) this.unflushed.add(entry)', '    }', '    dirty'],
        replace: ['}', '    dirty'],
      },
    ],
  },
  {
    name: 'a roll-back leaves the epoch that was cut in the store',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: 'if (this.#staged !== undefined) logs.push(this.#staged.log)',
        replace: '',
      },
    ],
  },
  {
    name: 'a roll-back leaves the open epoch in the store',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: 'const logs = [this.#open]\n',
        replace: 'const logs: UndoLog[] = []\n',
      },
    ],
  },
  {
    name: 'windows that closed in a dropped epoch stay closed',
    scenario: 'windows',
    edits: [
      {
        file: 'src/state/open-slices.ts',
        find: '[...reopened, ...this.#open].toSorted(',
        replace: '[...this.#open].toSorted(',
      },
    ],
  },
  {
    name: 'changes are not written to the changelog',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/state/epoch-buffer.ts',
        find: 'if (changelog !== undefined) this.#append(entry, changelog)',
        replace: 'if (changelog !== undefined && entry % 3 !== 0) this.#append(entry, changelog)',
      },
    ],
  },
]
