import { expect, test } from '@jest/globals'
import { PartitionTime, type TimeSource } from '../../../src/time/partition-time.ts'
import { decodeTimes, encodeTimes, noTimes } from '../../../src/time/position-metadata.ts'
import type { WatermarkSpec } from '../../../src/time/spec.ts'
import { TaskTime } from '../../../src/time/task-time.ts'
import { decodeWatermark, encodeWatermark, noTime } from '../../../src/time/watermark-record.ts'

function partition(watermark: WatermarkSpec, idleAfterMs?: number): PartitionTime {
  return new PartitionTime({ kind: 'records', watermark, idleAfterMs })
}

const monotonous: WatermarkSpec = { kind: 'monotonous' }
const producers = (expected: number): TimeSource => ({ kind: 'producers', expected })

function told(partition: number, watermark: number, idle = false) {
  return { subTopology: 0, partition, watermark, idle }
}

test('a bounded watermark is the highest timestamp less bound less one, and never falls', () => {
  const time = partition({ kind: 'bounded', outOfOrdernessMs: 10 })
  expect(time.watermark).toBe(noTime)
  const reached = [100, 50, 105].map((timestamp) => {
    time.observe(timestamp, undefined)
    return time.watermark
  })
  expect(reached).toEqual([89, 89, 94])
})

test('a monotonous watermark is bounded by nothing', () => {
  const time = partition(monotonous)
  time.observe(100, undefined)
  expect(time.watermark).toBe(99)
})

test('a punctuated watermark follows its function, and ignores what goes back', () => {
  const time = partition({
    kind: 'punctuated',
    fn: (value) => (typeof value === 'number' ? value : undefined),
  })
  const reached = [7, 'no', 3, 9].map((value) => {
    time.observe(1, value)
    return time.watermark
  })
  expect(reached).toEqual([7, 7, 7, 9])
})

test('a partition without watermarks keeps stream time only', () => {
  const time = partition({ kind: 'none' })
  time.observe(100, undefined)
  expect(time.streamTime).toBe(100)
  expect(time.watermark).toBe(noTime)
  expect(time.speaks).toBe(false)
})

test('a partition read to its end is idle after its time, one with unread records never', () => {
  const time = partition(monotonous, 1000)
  const looks: readonly (readonly [drained: boolean, wallMs: number])[] = [
    [false, 0],
    [false, 5000],
    [true, 5000],
    [true, 5999],
    [true, 6000],
    [false, 6001],
    [true, 6002],
  ]
  const idle = looks.map(([drained, wallMs]) => {
    time.look(drained, wallMs)
    return time.idle
  })
  expect(idle).toEqual([false, false, false, false, true, false, false])
})

test('without idleAfter a partition is never idle', () => {
  const time = partition(monotonous)
  time.look(true, 0)
  time.look(true, Number.MAX_SAFE_INTEGER)
  expect(time.idle).toBe(false)
})

test('a task has the lowest watermark of its active partitions', () => {
  const slow = partition(monotonous, 0)
  const fast = partition(monotonous, 0)
  const silent = partition({ kind: 'none' })
  const task = new TaskTime([slow, fast, silent])
  fast.observe(200, undefined)
  expect(task.watermark).toBe(noTime)
  slow.observe(100, undefined)
  expect(task.watermark).toBe(99)
  expect(task.streamTime).toBe(200)
  slow.look(true, 0)
  expect(task.watermark).toBe(199)
  expect(task.idle).toBe(false)
})

test('a partition that wakes up behind does not pull the watermark back', () => {
  const slow = partition(monotonous, 0)
  const fast = partition(monotonous, 0)
  const task = new TaskTime([slow, fast])
  slow.look(true, 0)
  fast.observe(200, undefined)
  expect(task.watermark).toBe(199)
  slow.look(false, 1)
  slow.observe(150, undefined)
  expect(task.watermark).toBe(199)
})

test('when the last active partition becomes idle the watermark goes to the highest', () => {
  const first = partition(monotonous, 0)
  const second = partition(monotonous, 0)
  const task = new TaskTime([first, second])
  first.observe(100, undefined)
  second.observe(200, undefined)
  expect(task.watermark).toBe(99)
  first.look(true, 0)
  second.look(true, 0)
  expect(task.idle).toBe(true)
  expect(task.watermark).toBe(199)
})

test('a repartition topic waits for every producing task, and leaves out idle ones', () => {
  const time = new PartitionTime(producers(3))
  time.tell(told(0, 100))
  time.tell(told(1, 50))
  expect(time.watermark).toBe(noTime)
  time.tell(told(2, 10, true))
  expect(time.watermark).toBe(50)
  time.tell(told(1, 40))
  expect(time.watermark).toBe(50)
  time.tell(told(1, 120))
  expect(time.watermark).toBe(100)
  time.look(true, 0)
  expect(time.idle).toBe(false)
  time.tell(told(0, 100, true))
  time.tell(told(1, 120, true))
  time.look(true, 0)
  expect(time.idle).toBe(true)
  expect(time.watermark).toBe(120)
})

test('a watermark record is read back, and one of an unknown version is not', () => {
  const sent = { subTopology: 3, partition: 17, watermark: -5, idle: true }
  const bytes = encodeWatermark(sent)
  expect(decodeWatermark(bytes, 0, bytes.length)).toEqual(sent)
  expect(decodeWatermark(encodeWatermark({ ...sent, watermark: noTime }), 0, 18)).toEqual({
    ...sent,
    watermark: noTime,
  })
  bytes[0] = 9
  expect(decodeWatermark(bytes, 0, bytes.length)).toBeUndefined()
  expect(decodeWatermark(bytes, -1, -1)).toBeUndefined()
})

test('times survive in the metadata of an offset', () => {
  const times = {
    streamTime: 1_763_000_000_123,
    watermark: 1_763_000_000_000,
    taskWatermark: 1_763_000_002_000,
    producers: [told(0, 1_763_000_000_000), told(1, 1_763_000_004_000), told(2, noTime, true)],
  }
  expect(decodeTimes(encodeTimes(times))).toEqual(times)
  expect(decodeTimes(encodeTimes(noTimes))).toEqual(noTimes)
})

test('metadata of version 1 has no watermark of the task', () => {
  const one = [1, 0, 7, 0, 6, 0]
  expect(decodeTimes(btoa(String.fromCharCode(...one)))).toEqual({
    streamTime: 7,
    watermark: 6,
    taskWatermark: noTime,
    producers: [],
  })
})

test('no metadata means no times; an unknown version or damaged text is told apart', () => {
  expect(decodeTimes('')).toEqual(noTimes)
  expect(decodeTimes(btoa('\x09'))).toBeUndefined()
  expect(decodeTimes('%%%')).toBeUndefined()
  expect(decodeTimes(encodeTimes(noTimes).slice(0, 8))).toBeUndefined()
})

test('metadata of very many producers stays within what a broker takes, idleness kept', () => {
  const many = Array.from({ length: 600 }, (_, index) =>
    told(index, 1_763_000_000_000 + index * 1_000_003, index % 2 === 0),
  )
  const times = {
    streamTime: 1,
    watermark: 1_763_000_000_000,
    taskWatermark: noTime,
    producers: many,
  }
  const text = encodeTimes(times)
  expect(text.length).toBeLessThan(4096)
  const read = decodeTimes(text)?.producers ?? []
  expect(read.map(({ idle }) => idle)).toEqual(many.map(({ idle }) => idle))
  expect(read.every(({ watermark }) => watermark === times.watermark)).toBe(true)
})

test('restoring goes back to what was committed', () => {
  const time = new PartitionTime(producers(1))
  time.tell(told(0, 100))
  const committed = time.times(noTime)
  time.tell(told(0, 500))
  time.observe(600, undefined)
  expect(time.watermark).toBe(500)
  time.restore(committed)
  expect(time.watermark).toBe(100)
  expect(time.streamTime).toBe(noTime)
})
