/**
 * Encoding and decoding of record batches, in records a second on one core: 100-byte records (8 of
 * key, 92 of value), checksums made and checked. `npm run bench:codec`, or with `-- --memory` for
 * thirty million records through both directions with the memory they take.
 */
import { noHeaders } from '../src/model/output.ts'
import type { RecordBatch } from '../src/model/record.ts'
import {
  decodeBatch,
  type Decompress,
  readBatchHeaders,
  RecordBatchBuilder,
} from '../src/kafka/protocol/record-batch/index.ts'

const keyBytes = 8
const valueBytes = 92
const batchRecords = 500
const runRecords = 2_000_000
const warmUpRuns = 2
const runs = 7
const memoryRecords = 30_000_000
const firstTimestamp = 1_760_000_000_000

const refuse: Decompress = (codec) => {
  throw new Error(`${codec} is not part of this benchmark`)
}

/** Records come from memory that is larger than the caches of a core. */
const source = new Uint8Array(32 << 20)
for (let i = 0; i < source.length; i++) source[i] = (Math.imul(i, 2_654_435_761) >>> 13) & 0xff

const builder = new RecordBatchBuilder(1 << 20)

function encodeBatch(batch: number): Uint8Array {
  builder.reset()
  const at = ((batch * batchRecords * 104) & (source.length - 1)) % (source.length - 60_000)
  for (let i = 0; i < batchRecords; i++) {
    const key = at + i * 100
    const value = key + keyBytes
    const end = value + valueBytes
    builder.append(firstTimestamp + i, source, key, value, source, value, end, noHeaders)
  }
  return builder.finish({
    producerId: 1,
    producerEpoch: 0,
    baseSequence: batch * batchRecords,
    isTransactional: true,
  })
}

/** Answers of a megabyte or so, as a fetch brings them. */
const batchesPerAnswer = 16
const answers = Array.from({ length: 24 }, (_, n) =>
  Buffer.concat(
    Array.from({ length: batchesPerAnswer }, (_, i) => Buffer.from(encodeBatch(n * 16 + i))),
  ),
)

/** Positions are read, as operators read them, so that nothing is left out as unused. */
function touch(batch: RecordBatch): number {
  let sum = 0
  const { count, keyStarts, keyEnds, valueEnds, timestamps } = batch
  for (let i = 0; i < count; i++) {
    sum += (keyEnds[i] ?? 0) - (keyStarts[i] ?? 0) + (valueEnds[i] ?? 0) + (timestamps[i] ?? 0)
  }
  return sum
}

let sink = 0

function encode(records: number): void {
  for (let batch = 0; batch * batchRecords < records; batch++) sink += encodeBatch(batch).length
}

function decode(records: number): void {
  for (let done = 0, n = 0; done < records; n++) {
    const answer = answers[n % answers.length] ?? new Uint8Array(0)
    for (const header of readBatchHeaders(answer)) {
      sink += touch(decodeBatch(answer, header, refuse))
      done += header.count
    }
  }
}

/** Each record out of one batch into another, as a pass-through topology does. */
function forward(records: number): void {
  for (let done = 0, n = 0; done < records; n++) {
    const answer = answers[n % answers.length] ?? new Uint8Array(0)
    for (const header of readBatchHeaders(answer)) {
      const batch = decodeBatch(answer, header, refuse)
      builder.reset()
      copyInto(batch)
      sink += builder.finish({ producerId: 1, producerEpoch: 0, baseSequence: 0 }).length
      done += batch.count
    }
  }
}

function copyInto(batch: RecordBatch): void {
  const { bytes, keyStarts, keyEnds, valueStarts, valueEnds, timestamps } = batch
  for (let i = 0; i < batch.count; i++) {
    builder.append(
      timestamps[i] ?? 0,
      bytes,
      keyStarts[i] ?? -1,
      keyEnds[i] ?? -1,
      bytes,
      valueStarts[i] ?? -1,
      valueEnds[i] ?? -1,
      noHeaders,
    )
  }
}

/** Processor time counts, so that other processes on the machine spoil a run less. */
function measure(name: string, run: (records: number) => void): void {
  for (let i = 0; i < warmUpRuns; i++) run(runRecords)
  const rates = Array.from({ length: runs }, () => {
    const before = process.cpuUsage()
    run(runRecords)
    const { user, system } = process.cpuUsage(before)
    return runRecords / (user + system)
  }).toSorted((a, b) => a - b)
  const [low, median, high] = [rates[0], rates[runs >> 1], rates.at(-1)].map((rate) =>
    (rate ?? 0).toFixed(2),
  )
  const range = `(${low}–${high}, ${runs} runs)`
  say(`${name.padEnd(8)} ${median} M records a second of processor time ${range}`)
}

function memory(): void {
  for (let done = 0; done < memoryRecords; done += memoryRecords / 10) {
    forward(memoryRecords / 10)
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
    const [a, b, c] = [rss, heapUsed, arrayBuffers].map((bytes) => (bytes / 2 ** 20).toFixed(0))
    const total = ((done + memoryRecords / 10) / 1e6).toFixed(0)
    say(`${total.padStart(3)} M records: RSS ${a} MiB, heap ${b} MiB, array buffers ${c} MiB`)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (process.argv.includes('--memory')) memory()
else {
  measure('encode', encode)
  measure('decode', decode)
  measure('forward', forward)
  say(`(${sink > 0 ? 'checksums checked' : ''}, Node ${process.version})`)
}
