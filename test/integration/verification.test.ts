/**
 * The verifier itself, on a real Kafka: right output passes, each kind of wrong output is caught.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import type { RunningKafka } from '../../cluster/kafka.ts'
import { launchKafka } from '../../cluster/launch.ts'
import { topicsToWorkOff } from '../../cluster/verify/subject.ts'
import { verifyWordCount } from '../../cluster/verify/word-count.ts'
import { eventually } from '../../cluster/eventually.ts'
import { describeWithOwnKafka, ownKafka } from '../kafka.ts'

const lines = ['the mill the race', 'The stream', 'a mill']
const right: readonly Row[] = [
  ['the', 1],
  ['mill', 1],
  ['the', 2],
  ['race', 1],
  ['the', 3],
  ['stream', 1],
  ['a', 1],
  ['mill', 2],
]
type Row = readonly [word: string, count: number]

let names = 0

class WordCountTopics {
  readonly application = `verification-${process.pid}-${names++}`
  readonly input = `${this.application}-in`
  readonly output = `${this.application}-out`
  readonly brokers: string
  readonly kafka: Kafka
  /** Positions that each transaction takes along; at first the ends of the input. */
  ends = [2, 1]

  constructor(brokers: string) {
    this.brokers = brokers
    this.kafka = new kafkajs.Kafka({
      brokers: brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    })
  }

  async fill(): Promise<void> {
    const admin = this.kafka.admin()
    await admin.connect()
    const topics = [this.input, this.output].map((topic) => ({ topic, numPartitions: 2 }))
    await admin.createTopics({ topics, waitForLeaders: true })
    // A fresh broker has no coordinator until it is asked for one.
    const { application: groupId, input } = this
    await eventually(() => admin.fetchOffsets({ groupId, topics: [input] }))
    const producer = this.kafka.producer()
    await producer.connect()
    const messages = lines.map((value, i) => ({ value, partition: i % 2 }))
    await producer.send({ topic: this.input, messages })
    await producer.disconnect()
    await admin.disconnect()
  }

  async producer(id: string): Promise<Producer> {
    const transactionalId = `${this.application}-${id}`
    const producer = this.kafka.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 60_000,
    })
    await producer.connect()
    return producer
  }

  messages(rows: readonly Row[]) {
    return rows.map(([key, count]) => {
      const value = Buffer.alloc(8)
      value.writeBigInt64BE(BigInt(count))
      return { key, value, partition: key.charCodeAt(0) % 2 }
    })
  }

  async write(rows: readonly Row[], end: 'commit' | 'abort'): Promise<void> {
    const producer = await this.producer(end)
    try {
      const transaction = await producer.transaction()
      await transaction.send({ topic: this.output, messages: this.messages(rows) })
      await transaction.sendOffsets(this.positions(this.ends))
      await transaction[end]()
    } finally {
      await producer.disconnect()
    }
  }

  positions(offsets: readonly number[]) {
    const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }))
    return { consumerGroupId: this.application, topics: [{ topic: this.input, partitions }] }
  }

  async problems(): Promise<readonly string[]> {
    return (await verifyWordCount(this, 1_000)).problems
  }
}

// Of its own: other suites leave transactions open, and groups share the partitions of positions.
describeWithOwnKafka('the verification of a word count', () => {
  let running: RunningKafka
  let topics: WordCountTopics

  beforeAll(async () => {
    const launch = await launchKafka({ acceptable: ownKafka })
    if (launch.kind === 'none') throw new Error(launch.reason)
    running = launch.kafka
    topics = new WordCountTopics(running.brokers)
    await topics.fill()
    await topics.write(right.slice(0, 3), 'abort')
    await topics.write(right, 'commit')
    await topics.write(right.slice(2), 'abort')
  }, 120_000)

  afterAll(() => running?.stop(), 60_000)

  test('passes right output, whatever was aborted around it', async () => {
    const verdict = await verifyWordCount(topics)
    expect(verdict).toEqual({
      equal: true,
      problems: [],
      compared: { inputRecords: 3, words: 8, distinct: 5, outputRecords: 8, partitions: 2 },
    })
  })

  test('finds a lost record, a repeated one and one that was counted twice', async () => {
    const wrong = new WordCountTopics(running.brokers)
    await wrong.fill()
    const lost = right.filter(([word]) => word !== 'a')
    await wrong.write([...lost, ['stream', 1], ['race', 2]], 'commit')
    const problems = (await wrong.problems()).join('\n')
    expect(problems).toMatch("wrong-last-count: 'a' ends at 0, the input has 1")
    expect(problems).toMatch("repeated-or-out-of-order: 'stream' is 1 after 1")
    expect(problems).toMatch("wrong-last-count: 'race' ends at 2, the input has 1")
  }, 30_000)

  test('finds a position that is not the end of the input', async () => {
    const behind = new WordCountTopics(running.brokers)
    await behind.fill()
    behind.ends = [2, 0]
    await behind.write(right, 'commit')
    expect(await behind.problems()).toEqual([`committed position: ${behind.input}-1 is at 0 of 1`])
  }, 30_000)

  test('finds a transaction that is left open, on the output and on the positions', async () => {
    const open = new WordCountTopics(running.brokers)
    await open.fill()
    await open.write(right, 'commit')
    const producer = await open.producer('open')
    const transaction = await producer.transaction()
    await transaction.send({ topic: open.output, messages: open.messages([['mill', 3]]) })
    await transaction.sendOffsets(open.positions(open.ends))
    const problems = await open.problems()
    await transaction.abort()
    await producer.disconnect()
    expect(problems.filter((text) => text.startsWith('hanging transaction'))).toEqual([
      expect.stringMatching(`${open.output}-1 is stable to`),
      expect.stringMatching('__consumer_offsets-. is stable to'),
    ])
  }, 60_000)

  test('does not hold against a word count what another of a like name left open', async () => {
    const subject = new WordCountTopics(running.brokers)
    await subject.fill()
    await subject.write(right, 'commit')
    const foreign = `${subject.application}-of-others-by-word-repartition`
    const admin = subject.kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: foreign, numPartitions: 2 }] })
    await admin.disconnect()
    const producer = await subject.producer('foreign')
    const transaction = await producer.transaction()
    await transaction.send({ topic: foreign, messages: subject.messages([['mill', 3]]) })
    const problems = await subject.problems()
    await transaction.abort()
    await producer.disconnect()
    expect(topicsToWorkOff(subject)).not.toContain(foreign)
    expect(problems).toEqual([])
  }, 60_000)
})
