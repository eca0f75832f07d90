import type { MetricRegistry } from '../env/metrics.ts'
import { labelled, type MetricFamily } from '../env/prometheus.ts'
import type { KafkaClient } from '../kafka/client/port.ts'
import type { Place } from '../group/directory.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import type { WorkerView } from '../worker/view.ts'
import type { Worker } from '../worker/worker.ts'
import type { Slot, StopOptions } from './slot.ts'

/** A worker on this thread's event loop, with a client of its own. */
export class LocalSlot implements Slot {
  readonly done: Promise<void>
  readonly #worker: Worker
  readonly #metrics: MetricRegistry

  constructor(worker: Worker, client: KafkaClient, metrics: MetricRegistry) {
    this.#worker = worker
    this.#metrics = metrics
    this.done = runAndClose(worker, client)
  }

  async stop(options: StopOptions): Promise<void> {
    await this.#worker.stop(options)
  }

  async view(): Promise<WorkerView> {
    return this.#worker.view()
  }

  async ask(question: StoreQuestion): Promise<StoreAnswer> {
    return this.#worker.ask(question)
  }

  places(): Promise<readonly Place[] | undefined> {
    return this.#worker.places()
  }

  async metrics(): Promise<readonly MetricFamily[]> {
    return labelled(this.#metrics.families(), { worker: String(this.#worker.slot) })
  }
}

async function runAndClose(worker: Worker, client: KafkaClient): Promise<void> {
  try {
    await worker.run()
  } finally {
    await client.close()
  }
}
