import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { WireError } from '../../src/kafka/wire.ts'
import { batchAt, FetchRig, type Said, valuesOf } from '../unit/kafka/client/fetch/fetch-rig.ts'
import { concat } from '../unit/kafka/protocol/record-batch/batches.ts'

const partitions = [0, 1, 2]
const logEnd = 12

/** What happens next, whoever does it. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('answer'), batches: fc.array(fc.nat(3), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('refuse'), errorCode: fc.constantFrom(6, 75, 78, 100, -1) }),
  fc.record({ kind: fc.constantFrom('lose', 'move-leader') }),
  fc.record({ kind: fc.constant('poll'), bytesMax: fc.constantFrom(1, 100, 10_000) }),
  fc.record({ kind: fc.constantFrom('pause', 'resume'), partition: fc.constantFrom(0, 1, 2) }),
  fc.record({ kind: fc.constant('reassign'), partition: fc.constantFrom(0, 1, 2) }),
  fc.record({ kind: fc.constant('time'), ms: fc.constantFrom(1, 30, 1500) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A reader that knows what it must get next. */
class Run {
  readonly rig = new FetchRig({ bufferBytesMax: 500 })
  readonly #read = new Map(partitions.map((partition) => [partition, 0]))
  readonly #paused = new Set<number>()

  constructor() {
    for (const partition of partitions) this.rig.fetcher.assign(this.#at(partition), 0)
  }

  #at(partition: number) {
    return { topic: 'lines', partition }
  }

  async do(step: Step): Promise<void> {
    const { fetcher } = this.rig
    if (step.kind === 'answer' && 'batches' in step) await this.#answer(step.batches)
    if (step.kind === 'refuse' && 'errorCode' in step) await this.#refuse(step.errorCode)
    if (step.kind === 'lose') await this.rig.pending[0]?.fail(new WireError('closed', 'lost', true))
    if (step.kind === 'move-leader') this.#moveLeader()
    if (step.kind === 'poll' && 'bytesMax' in step) this.#poll(step.bytesMax)
    if (step.kind === 'time' && 'ms' in step) await this.rig.settle(step.ms)
    if ('partition' in step) {
      const at = this.#at(step.partition)
      if (step.kind === 'pause') fetcher.pause(at)
      if (step.kind === 'resume') fetcher.resume(at)
      if (step.kind === 'reassign') fetcher.assign(at, this.#read.get(step.partition) ?? 0)
      if (step.kind === 'pause') this.#paused.add(step.partition)
      else this.#paused.delete(step.partition)
    }
    await this.rig.settle()
  }

  /** Batches of the given sizes for each partition that the oldest fetch asks for. */
  async #answer(sizes: readonly number[]): Promise<void> {
    const [fetch] = this.rig.pending
    const said = fetch?.request.topics
      .flatMap((topic) => topic.partitions)
      .map(({ partition, fetchOffset }): Said => {
        let offset = fetchOffset
        const batches = sizes.map((size) => {
          const count = Math.min(size, logEnd - offset)
          const values = Array.from({ length: count }, (_, i) => `${partition}/${offset + i}`)
          const batch = count > 0 ? batchAt(offset, values) : new Uint8Array(0)
          offset += count
          return batch
        })
        return { partition, records: concat(...batches), lastStableOffset: logEnd }
      })
    await fetch?.answer('lines', ...(said ?? []))
  }

  async #refuse(errorCode: number): Promise<void> {
    const [fetch] = this.rig.pending
    const asked = fetch?.request.topics.flatMap((topic) => topic.partitions) ?? []
    await fetch?.answer('lines', ...asked.map(({ partition }) => ({ partition, errorCode })))
  }

  #moveLeader(): void {
    const lines = this.rig.leaders['lines'] ?? []
    this.rig.leaders['lines'] = lines.map(({ node, epoch }) => ({
      node: 3 - node,
      epoch: epoch + 1,
    }))
  }

  #poll(bytesMax: number): void {
    for (const { partition, batches, nextOffset } of this.rig.fetcher.poll(bytesMax)) {
      const from = this.#read.get(partition) ?? -1
      const values = valuesOf(batches)
      expect(this.#paused.has(partition)).toBe(false)
      expect(values).toEqual(values.map((_, i) => `${partition}/${from + i}`))
      expect(nextOffset).toBe(from + values.length)
      this.#read.set(partition, nextOffset)
    }
    expect(this.rig.fetcher.problems()).toEqual([])
  }

  /** With brokers that answer and nothing paused, everything is read. */
  async finish(): Promise<void> {
    for (const partition of partitions) this.rig.fetcher.resume(this.#at(partition))
    this.#paused.clear()
    for (let i = 0; i < 40; i++) {
      await this.#answer([3, 2])
      this.#poll(10_000)
      await this.rig.settle(i % 4 === 0 ? 1500 : 1)
    }
    expect([...this.#read.values()]).toEqual(partitions.map(() => logEnd))
    await this.rig.fetcher.close()
  }
}

test('whatever brokers and readers do, each record is handed over once and in order', async () => {
  const steps = fc.array(step, { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const run = new Run()
      await run.rig.settle()
      for (const one of steps) await run.do(one)
      await run.finish()
    }),
    { numRuns: 30 },
  )
}, 30_000)
