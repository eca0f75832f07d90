import { expect, test } from '@jest/globals'
import {
  decide,
  decisiveCode,
  freshStep,
  giveUp,
  gravest,
  type Next,
  remember,
  type Reply,
  type Step,
  usableAfterAbort,
} from '../../../../../src/kafka/client/transactions/decision.ts'

const code = (value: number): Reply => ({ kind: 'code', code: value })
const lost = (sent: boolean): Reply => ({ kind: 'lost', sent })
const after = remember(freshStep, lost(true))
const steps: readonly Step[] = ['initialise', 'add', 'produce', 'offsets', 'commit', 'abort']

function told(next: Next): string {
  if (next.kind === 'stop') return next.outcome
  if (next.kind === 'again') return `again ${next.pace}${next.refresh ? ' elsewhere' : ''}`
  return 'done'
}

const judged = (step: Step, value: number, history = freshStep) =>
  told(decide(step, code(value), history))

test('no error ends a step, and a lost reply repeats it elsewhere', () => {
  for (const step of steps) {
    expect(judged(step, 0)).toBe('done')
    expect(told(decide(step, lost(true), freshStep))).toBe('again back-off elsewhere')
    expect(told(decide(step, lost(false), freshStep))).toBe('again back-off elsewhere')
  }
})

test('while the transaction before is being completed every step waits 2 ms', () => {
  for (const step of steps) expect(judged(step, 51)).toBe('again soon')
})

test('a coordinator or leader that moved is looked up', () => {
  for (const step of ['initialise', 'add', 'offsets', 'commit', 'abort'] as const) {
    expect(judged(step, 16)).toBe('again back-off elsewhere')
    expect(judged(step, 14)).toBe('again back-off')
  }
  expect(judged('produce', 6)).toBe('again back-off elsewhere')
  expect(judged('produce', 19)).toBe('again back-off')
})

test('positions refused for generation, membership or instance fence the epoch', () => {
  for (const value of [22, 25, 27, 82]) expect(judged('offsets', value)).toBe('fenced')
})

test('another producer with the id fences every writing step', () => {
  for (const step of ['add', 'produce', 'offsets', 'commit'] as const) {
    expect(judged(step, 47)).toBe('fenced')
    expect(judged(step, 90)).toBe('fenced')
  }
})

test('a gap in the sequence numbers ends the transaction, to be done again', () => {
  for (const value of [45, 46, 59, 120]) expect(judged('produce', value)).toBe('abort')
})

test('records that the broker does not take, and missing rights, are fatal', () => {
  for (const value of [10, 18, 29, 53, 87]) expect(judged('produce', value)).toBe('fatal')
  expect(judged('initialise', 50)).toBe('fatal')
  expect(judged('offsets', 30)).toBe('fatal')
})

test('a code that is not known is fatal, but unknown after a commit that may have worked', () => {
  for (const step of steps) expect(judged(step, 12_345)).toBe('fatal')
  expect(judged('commit', 12_345, after)).toBe('unknown')
})

test('EndTxn asked again settles a lost reply', () => {
  expect(judged('commit', 51, after)).toBe('again soon')
  expect(judged('commit', 0, after)).toBe('done')
  expect(judged('commit', 48, after)).toBe('abort')
  expect(judged('commit', 48)).toBe('abort')
  expect(judged('commit', 90, after)).toBe('fenced')
})

test('what a coordinator that forgot the producer says about an earlier commit is nothing', () => {
  expect(judged('commit', 49, after)).toBe('unknown')
  expect(judged('commit', 49)).toBe('abort')
})

test('a server error on a commit may have worked, and is asked again', () => {
  expect(judged('commit', -1)).toBe('again back-off')
  expect(remember(freshStep, code(-1))).toEqual({ mayHaveActed: true })
  expect(judged('produce', -1)).toBe('abort')
})

test('an abort of a transaction that is not open is done', () => {
  expect(judged('abort', 48)).toBe('done')
})

test('at the deadline only a commit that may have reached the broker is unknown', () => {
  expect(giveUp('commit', after)).toBe('unknown')
  expect(giveUp('commit', remember(freshStep, lost(false)))).toBe('abort')
  expect(giveUp('produce', after)).toBe('abort')
  expect(giveUp('offsets', after)).toBe('abort')
})

test('a lost reply is not forgotten by later answers', () => {
  expect(remember(remember(after, lost(false)), code(51))).toEqual({ mayHaveActed: true })
})

test('of several ends the one that asks most of its holder counts', () => {
  const stops = [{ outcome: 'abort' }, { outcome: 'fatal' }, { outcome: 'fenced' }] as const
  expect(gravest(stops)).toEqual({ outcome: 'fatal' })
  expect(gravest([])).toBeUndefined()
})

test('of several codes the one that ends the step decides, and "not attempted" never does', () => {
  expect(decisiveCode('offsets', [0, 14, 22, 0])).toBe(22)
  expect(decisiveCode('add', [55, 51, 55])).toBe(51)
  expect(decisiveCode('add', [55, 29])).toBe(29)
  expect(decisiveCode('add', [0, 0])).toBe(0)
})

test('the same epoch writes on after an abort only when every batch was acknowledged', () => {
  expect(usableAfterAbort(true, false, true)).toBe(true)
  expect(usableAfterAbort(true, false, false)).toBe(false)
  expect(usableAfterAbort(true, true, false)).toBe(true)
  expect(usableAfterAbort(false, false, true)).toBe(false)
})
