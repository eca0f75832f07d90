/** Keys and values that others wrote: into input, changelogs and stores. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { StreamError } from '../../../src/model/errors.ts'
import {
  bigint64,
  boolean,
  bytes,
  double,
  int32,
  int64,
  json,
  string,
  uuid,
} from '../../../src/index.ts'
import { tumbling, topology, monotonous } from '../../../src/index.ts'
import { joinables } from '../../../src/serde/joinable.ts'
import { sequencedKeys } from '../../../src/serde/sequenced.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { windowedKeys } from '../../../src/serde/windowed.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'

const serdes: readonly Serde<unknown>[] = [
  bigint64,
  boolean,
  bytes,
  double,
  int32,
  int64,
  json(),
  string,
  uuid,
  windowedKeys(string, 1_000),
  windowedKeys(int32, 1_000),
  sequencedKeys(string),
  joinables(json()),
]

const foreign = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
)

for (const serde of serdes) {
  test(`${serde.name}: bytes that nobody wrote give a value or DESERIALIZATION_FAILED`, () => {
    fc.assert(
      fc.property(foreign, (bytes) => {
        try {
          serde.deserialize(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(StreamError)
          expect(error).toMatchObject({ code: 'DESERIALIZATION_FAILED' })
        }
      }),
      { numRuns: 400 },
    )
  })
}

/** Numbers and words by key, counted, folded and joined, with every bad record left out. */
const reader = topology('reader', (t) => {
  const numbers = t.stream('numbers', {
    key: string,
    value: int64,
    watermark: monotonous(),
    onError: 'skip',
  })
  const names = t.table('names', { key: string, value: json<{ name: string }>(), onError: 'skip' })
  numbers
    .groupByKey()
    .reduce('sums', (one, other) => one + other)
    .to('sums')
  numbers
    .groupByKey()
    .windowedBy(tumbling('1s'))
    .count('windows')
    .toStream()
    .map((count, { key }) => [key, count])
    .to('counted', { key: string, value: int64 })
  numbers
    .leftJoin('named', names, (number, name) => ({ number, name: name?.name ?? null }))
    .to('named', { value: json() })
})

test('records of any bytes are processed or left out, and a crash changes nothing of that', () => {
  const record = fc.record({
    topic: fc.constantFrom('numbers', 'names'),
    key: fc.option(foreign),
    value: fc.option(
      fc.oneof(
        foreign,
        fc.bigInt({ min: 0n, max: 99n }).map((number) => bigint64.serialize(number)),
      ),
    ),
    timestamp: fc.nat(5_000),
    crash: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const driver = new TopologyTestDriver(reader)
      for (const { topic, crash, ...rest } of records) {
        driver.input(topic).sendBytes(rest)
        if (!crash) continue
        driver.commit()
        const before = ['sums', 'names'].map((name) => driver.store(name).entries())
        driver.crash()
        expect(['sums', 'names'].map((name) => driver.store(name).entries())).toEqual(before)
      }
    }),
    { numRuns: 40 },
  )
})
