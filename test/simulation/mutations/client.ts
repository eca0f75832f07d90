/** Defects of the Kafka client: filter, sequences, transactions, positions. */
import type { Mutation } from './mutation.ts'

const fetching = 'src/kafka/client/fetch'
const transactions = 'src/kafka/client/transactions'

export const clientMutations: readonly Mutation[] = [
  {
    name: 'the filter lets aborted records through',
    scenario: 'counts',
    edits: [
      {
        file: `${fetching}/aborted-filter.ts`,
        find: "this.#active.has(producerId) ? 'skip'",
        replace: "this.#active.has(producerId) ? 'deliver'",
      },
    ],
  },
  {
    name: 'the filter takes aborted transactions in the order of their markers',
    scenario: 'counts',
    edits: [
      {
        file: `${fetching}/aborted-filter.ts`,
        find: '.toSorted((a, b) => b.firstOffset - a.firstOffset)',
        replace: '.toReversed()',
      },
    ],
  },
  {
    name: 'the filter forgets the other producers at a marker',
    scenario: 'counts',
    edits: [
      {
        file: `${fetching}/aborted-filter.ts`,
        find: 'this.#active.delete(producerId)',
        replace: 'this.#active.clear()',
      },
    ],
  },
  {
    name: 'the filter never ends an aborted transaction',
    scenario: 'counts',
    edits: [
      {
        file: `${fetching}/aborted-filter.ts`,
        find: 'this.#active.delete(producerId)',
        replace: 'void producerId',
      },
    ],
  },
  {
    name: 'positions are read while a transaction on them is open',
    scenario: 'ordered-folds',
    edits: [
      {
        file: 'src/kafka/client/admin/positions.ts',
        find: 'requireStable: true',
        replace: 'requireStable: false',
      },
    ],
  },
  {
    name: 'the transaction commits although its positions were refused',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/producer.ts`,
        find: '[produced, committed].filter(isStopped)',
        replace: '[produced].filter(isStopped)',
      },
    ],
  },
  {
    name: 'the transaction commits before its output is acknowledged',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/producer.ts`,
        find: ['Promise.all([', '      sender.run(deadlineMs, ended).then(watch),'],
        replace: [
          'Promise.all([',
          '      (void sender.run(deadlineMs, ended).then(watch),',
          "      { kind: 'done', value: { ends: new Map<string, number>() } } as const),",
        ],
      },
    ],
  },
  {
    name: 'a transaction that the broker has aborted is taken for committed',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/decision.ts`,
        find: "if (step === 'commit') return decideCommit(reply.code, history)",
        replace: [
          "if (step === 'commit' && reply.code === invalidState) return done",
          "if (step === 'commit') return decideCommit(reply.code, history)",
        ],
      },
    ],
  },
  {
    name: 'sequence numbers are used twice',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/session.ts`,
        find: '(first + records) % sequenceSpan',
        replace: 'first % sequenceSpan',
      },
    ],
  },
  {
    name: 'sequence numbers go on in a new epoch',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/session.ts`,
        find: 'this.#sequences.clear()',
        replace: '',
      },
    ],
  },
  {
    name: 'batches are sent again under new sequence numbers',
    scenario: 'ordered-folds',
    edits: [
      {
        file: `${transactions}/batches.ts`,
        find: 'baseSequence: sequence, isTransactional: true }',
        replace:
          "baseSequence: sequence * 0 + session.take('', builder.count), isTransactional: true }",
      },
    ],
  },
  {
    name: 'output is not part of the transaction',
    scenario: 'counts',
    edits: [
      {
        file: `${transactions}/batches.ts`,
        find: 'isTransactional: true }',
        replace: 'isTransactional: false }',
      },
    ],
  },
]
