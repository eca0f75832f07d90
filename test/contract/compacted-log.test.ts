import { expect, test } from '@jest/globals'
import { eventually } from '../../cluster/eventually.ts'
import { describeEachBroker } from './brokers.ts'
import { fetchSizes, readAll, settledEnd } from './fetch-reader.ts'
import { RawProducer, writePlain } from './raw-producer.ts'

const keyed = (key: string, value: number) => ({
  key: Buffer.from(key),
  value: `${key}=${value}`,
})

/** A real broker's cleaner leaves the newest segment alone, and works when it likes. */
const compactedSoon = {
  'cleanup.policy': 'compact',
  'segment.ms': '100',
  'min.cleanable.dirty.ratio': '0.001',
  'delete.retention.ms': '60000',
}

/** The last value of each key. */
function table(records: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    records.map((record) => {
      const [key = '', value = ''] = record.slice(record.indexOf(':') + 1).split('=')
      return [key, value]
    }),
  )
}

describeEachBroker('compacted logs', (broker) => {
  test('are read to the end, past removed records, emptied batches and markers', async () => {
    const client = await broker().connect()
    const topic = await broker().topic(1, compactedSoon)
    const producer = await RawProducer.open(client, broker().unique('compacted'))
    for (let i = 0; i < 30; i++) await producer.write(topic, [keyed(`k${i % 3}`, i)])
    await producer.end('commit')
    await settledEnd(client, topic)
    // The producer's last batch stays, emptied: the broker remembers its sequence by it.
    for (let i = 0; i < 3; i++) await writePlain(client, topic, [keyed(`k${i}`, 100 + i)])
    let rolls = 0
    await eventually(async () => {
      await writePlain(client, topic, [keyed('roll', ++rolls)])
      broker().embedded?.compact(topic)
      const records = await readAll(client, topic, await settledEnd(client, topic))
      expect(records.filter((record) => !record.includes('roll')).length).toBeLessThan(10)
    }, 50_000)
    const end = await settledEnd(client, topic)
    const last = { k0: '100', k1: '101', k2: '102', roll: `${rolls}` }
    for (const partitionBytesMax of fetchSizes) {
      const seen = await readAll(client, topic, end, { partitionBytesMax })
      expect(Object.fromEntries(table(seen))).toEqual(last)
    }
    for (let from = 0; from <= 34; from += 5) {
      const seen = await readAll(client, topic, end, { from, partitionBytesMax: 1 })
      expect(seen.every((record) => Number(record.split(':')[0]) >= from)).toBe(true)
      expect(table(seen).get('roll')).toBe(`${rolls}`)
    }
  }, 60_000)
})
