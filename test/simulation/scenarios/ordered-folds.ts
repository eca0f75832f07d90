import { int64, json, string, topology } from '../../../src/index.ts'
import { byKey, expectSame, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['a', 'b', 'c', 'd', 'e', 'f'] as const

interface Chain {
  readonly length: number
  readonly hash: number
}

function add({ length, hash }: Chain, value: number): Chain {
  return { length: length + 1, hash: (Math.imul(hash, 31) + value) | 0 }
}

/** Folds that depend on the order: each change is a prefix of the input of its key, none twice. */
export const orderedFolds: Scenario = {
  name: 'ordered-folds',
  make: (random) => {
    const emit = random() < 0.5 ? 'update' : 'commit'
    return {
      topology: topology('ordered-folds', (t) => {
        const numbers = t.stream('numbers', { key: string, value: int64 })
        numbers
          .groupByKey()
          .aggregate('chains', {
            init: (): Chain => ({ length: 0, hash: 7 }),
            add,
            value: json<Chain>(),
            emit,
          })
          .to('chains')
        numbers
          .filter((value) => value % 3 !== 0)
          .mapValues((value) => value * 2)
          .to('doubled', { value: int64 })
      }),
      inputs: {
        numbers: (random) => ({ key: pick(random, keys), value: Math.floor(random() * 1e6) }),
      },
      verify: ({ inputs, outputs }) => {
        const input = byKey(recordsOf(inputs, 'numbers'))
        const doubled = byKey(recordsOf(outputs, 'doubled'))
        const chains = byKey(recordsOf(outputs, 'chains'))
        for (const [key, records] of input) {
          const values = records.map(({ value }) => Number(value))
          const wanted = values.filter((value) => value % 3 !== 0).map((value) => value * 2)
          expectSame(`doubled of ${key}`, doubled.get(key)?.map(({ value }) => value) ?? [], wanted)
          let chain: Chain = { length: 0, hash: 7 }
          const prefixes = values.map((value) => {
            chain = add(chain, value)
            return chain
          })
          const found = (chains.get(key) ?? []).map(({ value }) => value as Chain)
          const at = new Set(found.map(({ length }) => length))
          const expected =
            emit === 'update'
              ? prefixes
              : prefixes.filter(({ length }) => at.has(length) || length === prefixes.length)
          expectSame(`chains of ${key}`, found, expected)
        }
      },
    }
  },
}
