/** What others may write beside positions and into repartition topics: it is read, or it is not. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { markOf, tagOf, withoutTag } from '../../../src/checkpoint/position-tag.ts'
import {
  decodeTimes,
  encodeTimes,
  type PositionTimes,
} from '../../../src/time/position-metadata.ts'
import { decodeWatermark, encodeWatermark, noTime } from '../../../src/time/watermark-record.ts'

const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
const producer = fc.record({
  subTopology: fc.nat(40),
  partition: fc.nat(2_000),
  watermark: fc.oneof(time, fc.constant(noTime)),
  idle: fc.boolean(),
})
const times: fc.Arbitrary<PositionTimes> = fc.record({
  streamTime: time,
  watermark: time,
  taskWatermark: time,
  producers: fc.array(producer, { maxLength: 12 }),
})

function expectSane(found: PositionTimes | undefined): void {
  if (found === undefined) return
  const { streamTime, watermark, taskWatermark, producers } = found
  const numbers = [streamTime, watermark, taskWatermark].concat(
    producers.flatMap((one) => [one.subTopology, one.partition, one.watermark]),
  )
  expect(numbers.filter((number) => !Number.isSafeInteger(number))).toEqual([])
}

test('metadata that nobody wrote gives whole times or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (text) => {
      expectSane(decodeTimes(text))
      expect([typeof tagOf(text), typeof markOf(text)]).not.toContain('object')
      expect(text.endsWith(withoutTag(text))).toBe(true)
    }),
    { numRuns: 1_500 },
  )
})

test('metadata with bytes changed, cut or added gives whole times or none', () => {
  const damage = fc.array(fc.record({ at: fc.nat(200), byte: fc.nat(255) }), { maxLength: 12 })
  fc.assert(
    fc.property(times, damage, fc.nat(40), (written, changes, longer) => {
      const bytes = Buffer.concat([
        Buffer.from(encodeTimes(written), 'base64'),
        Buffer.alloc(longer),
      ])
      for (const { at, byte } of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
      expectSane(decodeTimes(bytes.toString('base64')))
      expectSane(decodeTimes(bytes.subarray(0, bytes.length - longer - 1).toString('base64')))
    }),
    { numRuns: 1_500 },
  )
})

test('numbers without an end do not become endless times', () => {
  const version = 2
  for (const byte of [0x80, 0xff]) {
    const endless = Buffer.concat([Buffer.from([version, 0]), Buffer.alloc(400, byte)])
    expectSane(decodeTimes(endless.toString('base64')))
    const ended = Buffer.concat([endless, Buffer.from([1, 0, 1, 0, 1, 0])])
    expectSane(decodeTimes(ended.toString('base64')))
  }
})

test('a watermark record with other bytes gives whole times or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), producer.map(encodeWatermark)),
      fc.nat(40),
      fc.nat(255),
      (bytes, at, byte) => {
        const changed = bytes.slice()
        if (changed.length > 0) changed[at % changed.length] = byte
        const told = decodeWatermark(changed, 0, changed.length)
        if (told === undefined) return
        expect(Number.isSafeInteger(told.subTopology + told.partition)).toBe(true)
        expect(Number.isSafeInteger(told.watermark)).toBe(true)
      },
    ),
    { numRuns: 1_500 },
  )
})
