import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  type CheckpointCommand,
  type CheckpointFact,
  type CheckpointState,
  closed,
  mayProcess,
  step,
} from '../../src/checkpoint/protocol.ts'
import { tagOf, verdictOf, withTag } from '../../src/checkpoint/position-tag.ts'
import { type Epoch } from '../../src/model/ids.ts'

const limits = { intervalMs: 1, bytesMax: 8, recordsMax: 8 }
const error = new Error('model')

/** What happens to one request: it acts or not, and its answer arrives or not. */
type Fate = 'ok' | 'acted-lost' | 'lost' | 'refused' | 'fenced'

/** The broker: output and position change together. */
class Broker {
  readonly output: number[] = []
  position = 0
  tag = ''

  commit(records: readonly number[], position: number, tag: string) {
    this.output.push(...records)
    this.position = position
    this.tag = tag
  }
}

/** A worker whose state is the number of inputs it has seen; it writes one record for each. */
class Worker {
  state: CheckpointState = closed
  readonly #broker: Broker
  readonly #run: string
  readonly #fate: () => Fate
  #seen: number
  #committed: number
  #open: number[] = []
  #sealed: { epoch: Epoch; records: number[]; position: number } | undefined
  #tagBefore: string | undefined
  readonly #pending: CheckpointCommand[] = []

  constructor(broker: Broker, run: string, fate: () => Fate) {
    this.#broker = broker
    this.#run = run
    this.#fate = fate
    this.#seen = this.#committed = broker.position
    this.#tagBefore = tagOf(broker.tag)
    this.#tell({ kind: 'open' })
  }

  process() {
    const open = { bytes: this.#open.length, records: this.#open.length }
    if (!mayProcess(this.state, limits, open)) return
    this.#open.push(this.#seen)
    this.#seen += 1
  }

  tick(nowMs: number) {
    const records = this.#open.length
    this.#tell({ kind: 'observed', nowMs, bytes: records, records, dirty: records > 0 })
  }

  /** Carries out one waiting command: so a crash may come between any two. */
  act() {
    const command = this.#pending.shift()
    if (command !== undefined) this.#carryOut(command)
  }

  #tell(fact: CheckpointFact) {
    const { state, commands } = step(this.state, fact, limits)
    this.state = state
    for (const command of commands) {
      // These are one synchronous turn with the fact that caused them.
      if (command.kind === 'cut') this.#cut(command.epoch)
      else if (command.kind === 'apply') this.#carryOut(command)
      else this.#pending.push(command)
    }
  }

  #cut(epoch: Epoch) {
    this.#sealed = { epoch, records: this.#open, position: this.#seen }
    this.#open = []
    this.#tell({ kind: 'was-cut', empty: false })
  }

  #carryOut(command: CheckpointCommand) {
    switch (command.kind) {
      case 'initialise':
        return this.#initialise()
      case 'commit':
        return this.#commit()
      case 'apply':
        this.#committed = this.#sealed?.position ?? -1
        this.#tagBefore = `${this.#run}.${command.epoch}`
        return undefined
      case 'compare': {
        const committed = new Map([['in-0', { metadata: this.#broker.tag }]])
        const before = new Map([['in-0', this.#tagBefore]])
        const verdict =
          this.#fate() === 'lost'
            ? 'unreadable'
            : verdictOf({ run: this.#run, epoch: command.epoch }, committed, before)
        return this.#tell({ kind: 'compared', verdict })
      }
      case 'roll-back':
        expect(this.#broker.position).toBe(this.#committed)
        this.#restart()
        return this.#tell({ kind: 'rolled-back', positions: 'known' })
      case 'drop':
        this.#restart()
        this.#tagBefore = tagOf(this.#broker.tag)
        return this.#tell({ kind: 'open' })
      case 'cut':
      case 'fail':
        throw new Error(`${command.kind} is not expected here`)
    }
  }

  #restart() {
    this.#seen = this.#committed = this.#broker.position
    this.#open = []
  }

  #initialise() {
    const fate = this.#fate()
    const kind = fate === 'ok' ? 'ok' : fate === 'fenced' ? 'fenced' : 'unknown'
    this.#tell({ kind: 'initialised', outcome: kind === 'ok' ? { kind } : { kind, error } })
  }

  #commit() {
    const fate = this.#fate()
    const sealed = this.#sealed
    if (sealed === undefined) throw new Error('nothing is sealed')
    if (fate === 'ok' || fate === 'acted-lost') {
      const tag = withTag({ run: this.#run, epoch: sealed.epoch }, undefined, '')
      this.#broker.commit(sealed.records, sealed.position, tag)
    }
    if (fate === 'ok') return this.#tell({ kind: 'settled', outcome: { kind: 'ok' } })
    const kind = fate === 'refused' ? 'abort' : fate === 'fenced' ? 'fenced' : 'unknown'
    return this.#tell({ kind: 'settled', outcome: { kind, error } })
  }
}

const fates = fc.constantFrom<Fate>('ok', 'ok', 'acted-lost', 'lost', 'refused', 'fenced')
const moves = fc.array(
  fc.constantFrom('process', 'process', 'tick', 'act', 'act', 'act', 'crash'),
  { maxLength: 200 },
)

test('whatever is refused, lost or crashes, each input is in the output once and in order', () => {
  fc.assert(
    fc.property(moves, fc.array(fates, { minLength: 1, maxLength: 60 }), (script, fateList) => {
      const broker = new Broker()
      let asked = 0
      let calm = false
      let runs = 0
      const fate = () => (calm ? 'ok' : (fateList[asked++ % fateList.length] ?? 'ok'))
      const start = () => new Worker(broker, `r${runs++}`, fate)
      let worker = start()
      let now = 0
      for (const move of script) {
        now += 1
        if (move === 'process') worker.process()
        else if (move === 'tick') worker.tick(now)
        else if (move === 'act') worker.act()
        else if (move === 'crash') worker = start()
      }
      calm = true
      for (let i = 0; i < 40; i++) {
        now += 2
        worker.process()
        worker.tick(now)
        worker.act()
        worker.act()
      }
      expect(broker.output).toEqual(broker.output.map((_, i) => i))
      expect(broker.position).toBe(broker.output.length)
      expect(broker.output.length).toBeGreaterThan(0)
    }),
    { numRuns: 2000 },
  )
})
