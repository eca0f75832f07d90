/** Responses out of a stream of bytes, however it is cut and whoever gives the memory. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { Receiver } from '../../src/adapters/kafkajs/receiver.ts'

const sizes = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 400_000 }) },
  ),
  { maxLength: 12 },
)
const cuts = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200_000 })),
  { minLength: 1, maxLength: 30 },
)

function stream(payloads: readonly number[]): Buffer {
  return Buffer.concat(
    payloads.map((size, index) => {
      const frame = Buffer.alloc(8 + size, index + 1)
      frame.writeInt32BE(4 + size, 0)
      frame.writeInt32BE(index, 4)
      return frame
    }),
  )
}

function received(feed: (receiver: Receiver) => void): readonly (readonly [number, number])[] {
  const found: [number, number][] = []
  const receiver = new Receiver()
  const deliver = (id: number, payload: Uint8Array): void => {
    expect(payload.every((byte) => byte === id + 1)).toBe(true)
    found.push([id, payload.length])
  }
  receiver.connect(deliver, (why) => {
    throw new Error(why)
  })
  feed(receiver)
  return found
}

test('responses come out whole and in order, read into the memory that is asked for', () => {
  fc.assert(
    fc.property(sizes, cuts, (payloads, counts) => {
      const bytes = stream(payloads)
      const found = received((receiver) => {
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const room = receiver.buffer()
          const count = Math.min(counts[turn % counts.length] ?? 1, room.length, bytes.length - at)
          bytes.copy(room, 0, at, at + count)
          receiver.received(count, room)
          at += count
        }
      })
      expect(found).toEqual(payloads.map((size, index) => [index, size]))
    }),
    { numRuns: 60 },
  )
})

test('responses come out whole and in order from chunks of any size', () => {
  fc.assert(
    fc.property(sizes, cuts, (payloads, counts) => {
      const bytes = stream(payloads)
      const found = received((receiver) => {
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const end = Math.min(at + (counts[turn % counts.length] ?? 1), bytes.length)
          receiver.take(bytes.subarray(at, end))
          at = end
        }
      })
      expect(found).toEqual(payloads.map((size, index) => [index, size]))
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['HTTP/1.1 400 Bad Request', /1213486160 bytes/],
  ['\0\0\0\u0003abc', /3 bytes/],
])('what is no answer of a broker is refused: %j', (text, why) => {
  const reasons: string[] = []
  const receiver = new Receiver()
  receiver.connect(
    () => reasons.push('delivered'),
    (reason) => reasons.push(reason),
  )
  receiver.take(Buffer.from(text))
  expect(reasons).toEqual([expect.stringMatching(why)])
})
