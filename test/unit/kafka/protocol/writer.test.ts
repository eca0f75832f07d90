import { expect, test } from '@jest/globals'
import { Reader } from '../../../../src/kafka/protocol/reader.ts'
import { Writer } from '../../../../src/kafka/protocol/writer.ts'

test('each type is written whole where the memory has to grow for it', () => {
  for (let before = 240; before <= 258; before++) {
    const writer = new Writer()
    writer.raw(new Uint8Array(before))
    writer.int8(-7)
    writer.int16(-300)
    writer.uint16(60_000)
    writer.int32(-70_000)
    writer.uint32(4_000_000_000)
    writer.int64(-(2 ** 40))
    writer.float64(0.5)
    writer.uvarint(300)
    const reader = new Reader(writer.bytes(), before)
    expect([reader.int8(), reader.int16(), reader.uint16()]).toEqual([-7, -300, 60_000])
    expect([reader.int32(), reader.uint32()]).toEqual([-70_000, 4_000_000_000])
    expect([reader.int64(), reader.float64(), reader.uvarint()]).toEqual([-(2 ** 40), 0.5, 300])
    expect(reader.remaining).toBe(0)
  }
})

for (const size of [1, 2, 4, 8] as const) {
  test(`a number of ${size} bytes that does not fit goes into the grown memory`, () => {
    const writer = new Writer()
    writer.raw(new Uint8Array(257 - size))
    if (size === 1) writer.int8(1)
    else if (size === 2) writer.int16(1)
    else if (size === 4) writer.int32(1)
    else writer.float64(1)
    expect(writer.bytes().length).toBe(257)
  })
}
