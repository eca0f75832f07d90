import { expect, test } from '@jest/globals'
import { FrameReader, FrameTooLarge } from '../../../../src/adapters/tcp-broker/frames.ts'

function framed(...contents: readonly string[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(content.length)
      return [length, Buffer.from(content)]
    }),
  )
}

test('frames come out whole however the stream is cut', () => {
  const stream = framed('first', '', 'second frame', 'x')
  for (let size = 1; size <= stream.length; size++) {
    const reader = new FrameReader(100)
    const frames: string[] = []
    for (let at = 0; at < stream.length; at += size) {
      reader.push(stream.subarray(at, at + size), (frame) => frames.push(frame.toString()))
    }
    expect(frames).toEqual(['first', '', 'second frame', 'x'])
  }
})

test('a length that is negative or over the limit is refused before memory is taken', () => {
  const ignore = () => {}
  expect(() => new FrameReader(4).push(framed('12345'), ignore)).toThrow(FrameTooLarge)
  const negative = Buffer.from([0xff, 0xff, 0xff, 0xff, 0])
  expect(() => new FrameReader(4).push(negative, ignore)).toThrow(FrameTooLarge)
})
