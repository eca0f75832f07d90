import { expect, test } from '@jest/globals'
import { reducerSeesKey, seesKey } from '../../../src/operators/reads-key.ts'

type Fn = (...values: never[]) => unknown

test('an arrow function with at most one parameter cannot see the key', () => {
  const blind: readonly Fn[] = [
    () => 1,
    (value) => value,
    ({ length }: string) => length,
    ({ length: size }: string) => size,
    ([first]: string[]) => first,
  ]
  expect(blind.filter(seesKey)).toEqual([])
})

test('whatever may see the key is taken to see it', () => {
  const old: Fn = function old() {
    // oxlint-disable-next-line prefer-rest-params
    return arguments.length
  }
  const seeing: readonly Fn[] = [
    (_value, key) => key,
    (...all) => all,
    (value = 1 as never, ...rest) => [value, rest],
    ({ length }: string = '') => length,
    old,
    old.bind(undefined),
    { method: (value: unknown, key: unknown) => [value, key] }.method,
  ]
  expect(seeing.filter((fn) => !seesKey(fn))).toEqual([])
})

test('a reducer sees the key from its third parameter on', () => {
  const blind: readonly Fn[] = [
    (sum: number, value: number) => sum + value,
    (list: unknown[], { id }: { id: string }) => [...list, id],
    (sum) => sum,
  ]
  expect(blind.filter(reducerSeesKey)).toEqual([])
  const seeing: readonly Fn[] = [(_a, _b, key) => key, (...all) => all, (_a, ...rest) => rest]
  expect(seeing.filter((fn) => !reducerSeesKey(fn))).toEqual([])
})
