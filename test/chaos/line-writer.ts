import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, Producer } from 'kafkajs'
import { randomNumbers } from './plan.ts'

const vocabulary = 3_000
const wordsPerLine = 8
const everyMs = 50

/**
 * Writes random lines at a steady rate until it is told to stop, through every outage. A line may
 * be written twice when an answer is lost: the verification reads what is in the topic.
 */
export class LineWriter {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #partitions: number
  readonly #linesPerSecond: number
  readonly #random: () => number
  #running: Promise<void> | undefined
  #stopped = false
  #lines = 0

  constructor(
    kafka: Kafka,
    topic: string,
    about: { readonly partitions: number; readonly linesPerSecond: number; readonly seed: number },
  ) {
    this.#kafka = kafka
    this.#topic = topic
    this.#partitions = about.partitions
    this.#linesPerSecond = about.linesPerSecond
    this.#random = randomNumbers(about.seed)
  }

  get lines(): number {
    return this.#lines
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Resolves when the last line is written. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    let producer: Producer | undefined
    while (!this.#stopped) {
      const started = Date.now()
      const messages = this.#messages(Math.ceil((this.#linesPerSecond * everyMs) / 1_000))
      for (;;) {
        try {
          producer ??= await this.#connect()
          await producer.send({ topic: this.#topic, messages })
          break
        } catch {
          // The broker is down, or has just come back: ask again, with new connections.
          await producer?.disconnect().catch(() => undefined)
          producer = undefined
          await sleep(everyMs)
        }
      }
      this.#lines += messages.length
      await sleep(Math.max(0, started + everyMs - Date.now()))
    }
    await producer?.disconnect()
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({ retry: { retries: 2, initialRetryTime: 50 } })
    await producer.connect()
    return producer
  }

  #messages(count: number) {
    return Array.from({ length: count }, () => ({
      value: Array.from({ length: wordsPerLine }, () => this.#word()).join(' '),
      partition: Math.floor(this.#random() * this.#partitions),
    }))
  }

  /** A few words are frequent and most are rare, as in a text. Letters only. */
  #word(): string {
    let rank = Math.floor(vocabulary ** this.#random())
    let word = ''
    do {
      word += String.fromCharCode(97 + (rank % 26))
      rank = Math.floor(rank / 26)
    } while (rank > 0)
    return word
  }
}
