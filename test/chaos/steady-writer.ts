import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, Producer, TopicMessages } from 'kafkajs'

const everyMs = 50

/** So many records, of one topic or several; those of a key come in their order. */
export type Batches = (count: number) => readonly TopicMessages[]

/**
 * Writes records at a steady rate until it is told to stop, through every outage. A record may be
 * written twice when an answer is lost: the verification reads what is in the topic.
 */
export class SteadyWriter {
  readonly #kafka: Kafka
  readonly #batches: Batches
  readonly #perBatch: number
  #running: Promise<void> | undefined
  #stopped = false
  #records = 0

  constructor(kafka: Kafka, perSecond: number, batches: Batches) {
    this.#kafka = kafka
    this.#batches = batches
    this.#perBatch = Math.ceil((perSecond * everyMs) / 1_000)
  }

  get records(): number {
    return this.#records
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Resolves when the last record is written. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    let producer: Producer | undefined
    while (!this.#stopped) {
      const started = Date.now()
      const topicMessages = [...this.#batches(this.#perBatch)]
      for (;;) {
        try {
          producer ??= await this.#connect()
          await producer.sendBatch({ topicMessages })
          break
        } catch {
          // The broker is down, or has just come back: ask again, with new connections.
          await producer?.disconnect().catch(() => undefined)
          producer = undefined
          await sleep(everyMs)
        }
      }
      this.#records += this.#perBatch
      await sleep(Math.max(0, started + everyMs - Date.now()))
    }
    await producer?.disconnect()
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({ retry: { retries: 2, initialRetryTime: 50 } })
    await producer.connect()
    return producer
  }
}
