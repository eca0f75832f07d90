import { expect, jest, test } from '@jest/globals'
import { type ContractBroker, describeEachBroker, type TestClient } from './brokers.ts'
import { fetchSizes, readAll, settledEnd } from './fetch-reader.ts'
import { RawProducer, type RawRecord, writePlain } from './raw-producer.ts'

// A broker beside a busy machine may take its time.
jest.setTimeout(30_000)

/** Writes a log of several producers, and knows what a committed reader is to see of it. */
class LogUnderTest {
  readonly client: TestClient
  readonly topic: string
  readonly #broker: ContractBroker
  readonly #producers = new Map<string, RawProducer>()
  readonly #open = new Map<string, string[]>()
  #committed: string[] = []

  constructor(broker: ContractBroker, client: TestClient, topic: string) {
    this.#broker = broker
    this.client = client
    this.topic = topic
  }

  static async create(broker: ContractBroker): Promise<LogUnderTest> {
    return new LogUnderTest(broker, await broker.connect(), await broker.topic())
  }

  async write(who: string, count = 1, key: Uint8Array | null = null, size = 8): Promise<number> {
    let producer = this.#producers.get(who)
    producer ??= await RawProducer.open(this.client, this.#broker.unique(who))
    this.#producers.set(who, producer)
    const records = Array.from({ length: count }, (_, i) => this.#record(who, i, key, size))
    const base = await producer.write(this.topic, records)
    const written = records.map(({ value }, i) => `${base + i}:${value}`)
    this.#open.set(who, [...(this.#open.get(who) ?? []), ...written])
    return base
  }

  #record(who: string, i: number, key: Uint8Array | null, size: number): RawRecord {
    return { key, value: `${who}${i}`.padEnd(size, '.') }
  }

  async end(who: string, how: 'commit' | 'abort'): Promise<void> {
    await this.#producers.get(who)?.end(how)
    if (how === 'commit') this.#committed.push(...(this.#open.get(who) ?? []))
    this.#open.delete(who)
  }

  /** Records in no transaction. */
  async plain(value: string): Promise<number> {
    const base = await writePlain(this.client, this.topic, [{ key: null, value }])
    this.#committed.push(`${base}:${value}`)
    return base
  }

  /** Reads at every fetch size, from an offset, and compares. */
  async check(from = 0): Promise<void> {
    const end = await settledEnd(this.client, this.topic)
    const offset = (line: string) => Number(line.split(':')[0])
    const expected = this.#committed
      .filter((line) => offset(line) >= from)
      .toSorted((a, b) => offset(a) - offset(b))
    for (const partitionBytesMax of fetchSizes) {
      const seen = await readAll(this.client, this.topic, end, { from, partitionBytesMax })
      expect({ partitionBytesMax, seen }).toEqual({ partitionBytesMax, seen: expected })
    }
  }
}

describeEachBroker('aborted records', (broker) => {
  test('an aborted transaction is hidden, the committed one after it is seen', async () => {
    const log = await LogUnderTest.create(broker())
    await log.write('a', 3)
    await log.write('a', 2)
    await log.end('a', 'abort')
    await log.write('a', 2)
    await log.end('a', 'commit')
    await log.check()
  })

  test('a producer that aborts twice is hidden both times', async () => {
    const log = await LogUnderTest.create(broker())
    for (const how of ['abort', 'commit', 'abort', 'commit'] as const) {
      await log.write('a', 2)
      await log.end('a', how)
    }
    await log.check()
  })

  test('two transactions that are open already at the fetch offset are hidden', async () => {
    const log = await LogUnderTest.create(broker())
    await log.write('a')
    await log.write('b')
    await log.plain('seen')
    const from = await log.write('a')
    await log.write('b')
    await log.end('a', 'abort')
    await log.end('b', 'abort')
    await log.plain('seen too')
    await log.check()
    await log.check(from)
  })

  test('of two interleaved producers the later one ends first, and both are hidden', async () => {
    const log = await LogUnderTest.create(broker())
    await log.write('a', 2)
    await log.write('b', 2)
    await log.plain('seen')
    await log.end('b', 'abort')
    await log.write('a', 2)
    await log.end('a', 'abort')
    await log.write('b')
    await log.end('b', 'commit')
    await log.check()
  })

  test('a record whose key is the four bytes 0 does not end the transaction', async () => {
    const log = await LogUnderTest.create(broker())
    await log.write('a', 1, new Uint8Array(4))
    await log.write('a', 2)
    await log.end('a', 'abort')
    await log.write('a', 1, new Uint8Array(4))
    await log.end('a', 'commit')
    await log.check()
  })

  test('an aborted transaction larger than a fetch is hidden in every fetch', async () => {
    const log = await LogUnderTest.create(broker())
    await log.plain('before')
    for (let i = 0; i < 25; i++) await log.write('a', 100, null, 100)
    await log.end('a', 'abort')
    await log.plain('after')
    await log.check()
  })

  test('of 40 interleaved transactions exactly the committed ones are seen', async () => {
    const log = await LogUnderTest.create(broker())
    let seed = 11
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 8) % below
    }
    const open = new Set<string>()
    for (let ended = 0; ended < 40; ) {
      const who = ['a', 'b', 'c'][random(3)] ?? 'a'
      if (open.has(who) && random(3) === 0) {
        await log.end(who, random(2) === 0 ? 'abort' : 'commit')
        open.delete(who)
        ended++
      } else {
        await log.write(who, 1 + random(30))
        open.add(who)
      }
    }
    for (const who of open) await log.end(who, 'abort')
    await log.check()
  })
})
