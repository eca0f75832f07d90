import { firstTimestamp, type InputRecord, type LoadShape, outOfOrderMs } from '../load/events.ts'
import { keyBytes, keyOf } from '../load/keys.ts'
import { seeded } from '../load/random.ts'
import { numbersOf } from './json-values.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, InputTopic, Workload } from './workload.ts'

const withinMs = 5_000
/** How much later the right side of one pair in ten comes, by its place and by its time. */
const farMs = 8_000

/**
 * Two streams joined within 5 s, grace 5 s: each record on the left has one of its key on the
 * right, nine in ten of them near enough. Which side is earlier differs, so that both sides' stores
 * are asked.
 */
export const streamJoin: Workload = {
  name: 'stream-join',
  title: 'two streams of half the records each, joined by key within 5 s',
  readsJson: true,
  inputs: (shape) => [side(shape, 'left'), side(shape, 'right')],
  expectation: joined,
}

interface Pair {
  readonly id: number
  readonly leftTime: number
  readonly rightTime: number
  readonly leftAmount: number
  readonly rightAmount: number
}

/** Keys are the pairs' own: both sides have each once. */
function* pairs(shape: LoadShape): Generator<Pair> {
  const random = seeded(11)
  const amount = () => Math.floor(random() * 10_000)
  const early = () => Math.floor(random() * outOfOrderMs)
  const count = Math.floor(shape.records / 2)
  for (let id = 0; id < count; id++) {
    const time = firstTimestamp + Math.floor((id * 2_000) / shape.eventRate)
    const leftTime = time - early()
    const rightTime = random() < 0.9 ? time - early() : time + farMs
    yield { id, leftTime, rightTime, leftAmount: amount(), rightAmount: amount() }
  }
}

/** The far ones come when it is their time, so that none is late and they make none late. */
function* rightSide(shape: LoadShape): Generator<Pair> {
  const waiting: Pair[] = []
  let at = 0
  for (const pair of pairs(shape)) {
    for (let next = waiting[at]; next !== undefined; next = waiting[++at]) {
      if (next.rightTime > pair.leftTime) break
      yield next
    }
    if (isFar(pair)) waiting.push(pair)
    else yield pair
  }
  yield* waiting.slice(at)
}

function isFar({ leftTime, rightTime }: Pair): boolean {
  return Math.abs(leftTime - rightTime) > withinMs
}

function side(shape: LoadShape, role: 'left' | 'right'): InputTopic {
  const size = Math.floor(shape.records / 2)
  const content = `pairs-${role}`
  return { role, counted: true, content, size, records: () => sideRecords(shape, role) }
}

const text = new TextEncoder()

function* sideRecords(shape: LoadShape, role: 'left' | 'right'): Generator<InputRecord> {
  const isLeft = role === 'left'
  for (const pair of isLeft ? pairs(shape) : rightSide(shape)) {
    const { id } = pair
    const timestamp = isLeft ? pair.leftTime : pair.rightTime
    const amount = isLeft ? pair.leftAmount : pair.rightAmount
    const value = text.encode(`{"id":${id},"amount":${amount}}`)
    yield { key: keyBytes(id), value, timestamp }
  }
}

function joined(shape: LoadShape): Expectation {
  const sums = new Float64Array(Math.floor(shape.records / 2)).fill(Number.NaN)
  let records = 0
  for (const pair of pairs(shape)) {
    if (isFar(pair)) continue
    sums[pair.id] = pair.leftAmount + pair.rightAmount
    records++
  }
  const mistakes = new Mistakes()
  let left = records
  return {
    records,
    take({ key, value }) {
      const [leftId = -1, rightId, amount] = numbersOf(value, ['left', 'right', 'amount'])
      const isRight = leftId === rightId && keyOf(key) === leftId && sums[leftId] === amount
      if (!isRight) mistakes.add(() => `pair ${leftId} and ${rightId}: ${amount}`)
      // Each pair comes once.
      if (isRight) sums[leftId] = Number.NaN
      if (isRight) left--
    },
    verdict: () => (left > 0 ? `${left} pairs are missing` : mistakes.verdict()),
  }
}
