/**
 * The limit to compare with in this language: a bare loop of bytes, exactly once, with no engine in
 * it. Fetch, decode in place, count in an open-addressing table, write an output record per update
 * and a changelog record per changed key and epoch straight into one growing batch per partition,
 * commit a transaction per interval. It cannot restart from where it was, rebalance, or survive any
 * error; it is there for its speed.
 *
 *     node count-loop.js HOST:PORT INPUT OUTPUT GROUP COMMIT_MS [count|forward] [partition,…]
 *
 * Runs until it is killed. Its group has no members, so its offsets carry no generation: what
 * fences it is the transactional id.
 */
import { BrokerSocket } from './broker-socket.ts'
import { CountTable } from './count-table.ts'
import { Fetches } from './fetches.ts'
import { Memory } from './memory.ts'
import { type Batch, Outgoing } from './outgoing.ts'
import { createChangelog, partitionsOf, waitForCoordinator } from './prepare.ts'
import { processSlice, type Work, writeChanges } from './records.ts'
import { Transactions } from './transaction.ts'

/** Batches that one answer and the changelog of an epoch may fill at most. */
const batchesReserved = 24
/** Output after which an epoch ends before its time, as Millrace's does (`epochBytesMax`). */
const bytesMax = 12 * 2 ** 20
/** Changed keys after which an epoch ends before its time, so that its changelog has a place. */
const changesMax = 300_000

interface Options {
  readonly host: string
  readonly port: number
  readonly input: string
  readonly output: string
  readonly group: string
  readonly commitMs: number
  readonly mode: 'count' | 'forward'
  readonly partitions: readonly number[] | undefined
}

function parse([address, input, output, group, commitMs, mode, partitions]: string[]): Options {
  const [host, port] = address?.split(':') ?? []
  if (host === undefined || input === undefined || output === undefined || group === undefined) {
    throw new Error('arguments: HOST:PORT INPUT OUTPUT GROUP COMMIT_MS [MODE] [PARTITIONS]')
  }
  return {
    host,
    port: Number(port),
    input,
    output,
    group,
    commitMs: Number(commitMs),
    mode: mode === 'forward' ? 'forward' : 'count',
    partitions: partitions?.split(',').map(Number),
  }
}

interface PartitionWork extends Work {
  readonly changelog: Outgoing | undefined
}

class Loop {
  readonly #options: Options
  readonly #memory = new Memory()
  readonly #fetches: Fetches
  readonly #transactions: Transactions
  readonly #work: ReadonlyMap<number, PartitionWork>
  /** Finished batches that wait for their transaction to begin. */
  #finished: Batch[] = []
  /** Of the epoch's batches that are finished. */
  #bytes = 0
  /** When the open epoch ends; undefined while it has no records. */
  #due: number | undefined
  #committing: Promise<void> | undefined
  #failure: Error | undefined

  constructor(
    options: Options,
    partitions: readonly number[],
    sockets: { readonly fetch: BrokerSocket; readonly produce: BrokerSocket },
  ) {
    this.#options = options
    this.#fetches = new Fetches(sockets.fetch, this.#memory, options.input, partitions)
    // Two processes of one group divide the partitions: each has a producer of its own.
    const id = `${options.group}-${partitions.join('-')}`
    this.#transactions = new Transactions(sockets.produce, this.#memory, id)
    this.#work = new Map(partitions.map((partition) => [partition, this.#workOf(partition)]))
  }

  #workOf(partition: number): PartitionWork {
    const finished = (batch: Batch) => {
      this.#finished.push(batch)
      this.#bytes += batch.end - batch.start
    }
    const { output, mode, group } = this.#options
    const counts = mode === 'count'
    const changelog = changelogOf(group)
    return {
      output: new Outgoing(output, partition, this.#memory, finished),
      table: counts ? new CountTable() : undefined,
      changelog: counts ? new Outgoing(changelog, partition, this.#memory, finished) : undefined,
      nextOffset: 0,
    }
  }

  async run(): Promise<never> {
    await this.#transactions.begin()
    while (true) {
      const answer = await this.#fetches.next()
      for (const { partition, start, end } of answer.parts) {
        const work = this.#work.get(partition)
        if (work === undefined) throw new Error(`partition ${partition} was not asked for`)
        for (let at = start; at < end; ) {
          const before = work.nextOffset
          at = processSlice(this.#memory, at, end, work)
          if (work.nextOffset > before) this.#due ??= performance.now() + this.#options.commitMs
          await this.#afterSlice()
        }
      }
      this.#fetches.done(answer)
      // Without input an open epoch is still to end.
      if (answer.parts.length === 0) await this.#afterSlice()
    }
  }

  #checkAlive(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async #afterSlice(): Promise<void> {
    this.#checkAlive()
    if (this.#committing === undefined) this.#sendFinished()
    if (this.#due !== undefined && (this.#isFull() || performance.now() >= this.#due)) {
      // An epoch does not grow beyond its time because the one before takes long to commit.
      await this.#committing
      this.#checkAlive()
      this.#cut()
    }
    // Sockets have their turn.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#memory.batchesFree < batchesReserved) {
      if (this.#committing === undefined) this.#sendFinished()
      await (this.#committing ?? this.#transactions.answer())
    }
  }

  #isFull(): boolean {
    let changes = 0
    for (const { table } of this.#work.values()) changes += table?.dirtyCount ?? 0
    return this.#bytes > bytesMax || changes > changesMax
  }

  #cut(): void {
    const positions = new Map<number, number>()
    for (const [partition, { output, table, changelog, nextOffset }] of this.#work) {
      if (table !== undefined && changelog !== undefined) writeChanges(table, changelog)
      output.close()
      changelog?.close()
      if (nextOffset > 0) positions.set(partition, nextOffset)
    }
    this.#sendFinished()
    this.#due = undefined
    this.#bytes = 0
    const { group, input } = this.#options
    this.#committing = this.#transactions
      .commit(group, input, positions)
      .catch((error: Error) => {
        this.#failure = error
      })
      .finally(() => {
        this.#committing = undefined
      })
  }

  /** A request takes one batch of a partition. */
  #sendFinished(): void {
    while (this.#finished.length > 0) {
      const request: Batch[] = []
      const rest: Batch[] = []
      const taken = new Set<string>()
      for (const batch of this.#finished) {
        const name = `${batch.topic}-${batch.partition}`
        if (taken.has(name)) rest.push(batch)
        else request.push(batch)
        taken.add(name)
      }
      this.#transactions.send(request)
      this.#finished = rest
    }
  }
}

function changelogOf(group: string): string {
  return `${group}-counts-changelog`
}

const options = parse(process.argv.slice(2))
const { host, port, group, mode, input } = options
const produce = await BrokerSocket.open(host, port)
const count = await partitionsOf(produce, input)
if (mode === 'count') await createChangelog(produce, changelogOf(group), count)
await waitForCoordinator(produce, 'group', group)
await waitForCoordinator(produce, 'transaction', group)
const partitions = options.partitions ?? Array.from({ length: count }, (_, i) => i)
const sockets = { fetch: await BrokerSocket.open(host, port), produce }
await new Loop(options, partitions, sockets).run()
