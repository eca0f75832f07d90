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
  #producer: Producer | undefined
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

  /** Writes these too, after all others. */
  async write(batches: readonly TopicMessages[]): Promise<void> {
    if (batches.length === 0) return
    await this.#send(batches)
    await this.#disconnect()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const started = Date.now()
      await this.#send(this.#batches(this.#perBatch))
      this.#records += this.#perBatch
      await sleep(Math.max(0, started + everyMs - Date.now()))
    }
    await this.#disconnect()
  }

  async #send(batches: readonly TopicMessages[]): Promise<void> {
    for (;;) {
      try {
        this.#producer ??= await this.#connect()
        await this.#producer.sendBatch({ topicMessages: [...batches] })
        return
      } catch {
        // The broker is down, or has just come back: ask again, with new connections.
        await this.#disconnect()
        await sleep(everyMs)
      }
    }
  }

  async #disconnect(): Promise<void> {
    await this.#producer?.disconnect().catch(() => undefined)
    this.#producer = undefined
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({ retry: { retries: 2, initialRetryTime: 50 } })
    await producer.connect()
    return producer
  }
}
