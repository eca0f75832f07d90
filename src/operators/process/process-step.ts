import { isStreamError } from '../../model/errors.ts'
import { murmur2 } from '../../model/murmur2.ts'
import { CallJournal } from '../../state/kinds/call-journal.ts'
import { KeyCursor } from '../../state/kinds/key-cursor.ts'
import { Moment } from '../../state/kinds/moment.ts'
import {
  type TimerClock,
  timerKeyStart,
  TimerStore,
  timerTime,
} from '../../state/kinds/timer-store.ts'
import type { Sweeper } from '../../state/kinds/sweeper.ts'
import { Encoded } from '../encoded.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { Origin } from '../origin.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import { Emitter, type Outputs } from './emitter.ts'
import { LiveContext } from './live-context.ts'
import { Punctuations } from './punctuations.ts'
import type { BroadcastHandler, ProcessSpec, RecordHandler } from './spec.ts'
import { type ObjectStores, openBroadcast, openShared, openStates } from './states.ts'

/** Where a process operator runs. */
export interface ProcessPlace {
  readonly name: string
  readonly scope: TaskScope
  readonly partition: number
  readonly failures: Failures
  readonly stores: ObjectStores
}

/**
 * User functions with the state and timers of the key in work. A timer is taken away before its
 * function is called, and those that come due at a time are called before any record or operator
 * behind learns of that time, as in Flink's InternalTimerServiceImpl.
 */
export class ProcessStep implements Timed {
  /** One for each input. */
  readonly inputs: readonly Step[]
  /** A punctuation was called: nothing else may tell. */
  acted = false
  readonly #spec: ProcessSpec
  readonly #scope: TaskScope
  readonly #failures: Failures
  readonly #cursor = new KeyCursor()
  readonly #moment = new Moment()
  readonly #journal: CallJournal | undefined
  readonly #emitter: Emitter
  readonly #timers: TimerStore | undefined
  readonly #broadcastTurn = { writing: false }
  readonly #sweepers: readonly Sweeper[]
  readonly #punctuations = { event: new Punctuations(), wall: new Punctuations() }
  readonly #ctx: LiveContext
  readonly #key: Encoded
  /** Stands for a record where a timer or punctuation is called. */
  readonly #own = new Slot()
  readonly #timer: { clock: TimerClock; time: number } = { clock: 'event', time: 0 }

  constructor(spec: ProcessSpec, place: ProcessPlace, outputs: Outputs) {
    const { scope, failures, stores } = place
    this.#spec = spec
    this.#scope = scope
    this.#failures = failures
    this.#key = new Encoded(spec.key)
    this.#own.origin = new Origin(place.name, place.partition)
    this.#journal = failures.fatal ? undefined : new CallJournal()
    this.#emitter = new Emitter(outputs, spec.out, !failures.fatal)
    this.#timers =
      spec.timers === undefined ? undefined : new TimerStore(stores.of(spec.timers), this.#journal)
    const parts = { cursor: this.#cursor, moment: this.#moment }
    const state = { ...parts, stores, journal: this.#journal }
    const states = openStates(spec.states, state)
    const shared = openShared(spec.shared, state)
    this.#sweepers = [...states.sweepers, ...shared.sweepers]
    this.#ctx = new LiveContext({
      ...parts,
      spec,
      turn: scope.turn,
      emitter: this.#emitter,
      timers: this.#timers,
      punctuations: this.#punctuations,
      state: states.handles,
      shared: shared.handles,
      broadcast: openBroadcast(spec.broadcast, state, this.#broadcastTurn),
      broadcastTurn: this.#broadcastTurn,
    })
    const inputs: Step[] = spec.onRecord.map((handler) => ({
      process:
        spec.mode === 'keyed'
          ? (record) => this.#processKeyed(record, handler)
          : (record) => this.#process(record, handler),
    }))
    const { onBroadcast } = spec
    if (onBroadcast !== undefined) {
      inputs.push({ process: (record) => this.#processBroadcast(record, onBroadcast) })
    }
    this.inputs = inputs
  }

  restart(watermark: number, wallMs: number): void {
    this.#moment.watermark = watermark
    this.#moment.wallMs = wallMs
    this.acted = false
    this.#timers?.restart()
    this.#punctuations.event.clear()
    this.#punctuations.wall.clear()
    this.#cursor.clear()
    this.#ctx.following = false
    this.#spec.onStart?.(this.#ctx)
  }

  advance(watermark: number): void {
    if (watermark <= this.#moment.watermark) return
    this.#moment.watermark = watermark
    this.#moment.wallMs = this.#scope.turn.wallMs
    this.#pass('event', watermark)
  }

  tick(wallMs: number): void {
    this.#moment.wallMs = wallMs
    this.#pass('wall', wallMs)
    for (let index = 0; index < this.#sweepers.length; index += 1) this.#sweepers[index]?.sweep()
    this.#journal?.forget()
  }

  /** As in Kafka Streams' aggregations, a record without a key is left out. */
  #processKeyed(record: Slot, handler: RecordHandler): void {
    if (record.keyIsNull) {
      this.#scope.counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    this.#cursor.take(key.bytes, key.start, key.end, key.hash)
    this.#process(record, handler)
  }

  #process(record: Slot, handler: RecordHandler): void {
    const moment = this.#moment
    moment.recordMs = record.timestamp
    moment.wallMs = this.#scope.turn.wallMs
    const { slot } = this.#emitter
    slot.origin = record.origin
    slot.takeKey(record)
    this.#ctx.record = record
    this.#ctx.following = true
    try {
      handler(this.#ctx, record.value())
    } catch (cause) {
      this.#fail(record, cause)
      return
    }
    this.#journal?.forget()
    this.#emitter.settle()
  }

  #processBroadcast(record: Slot, handler: BroadcastHandler): void {
    this.#cursor.clear()
    this.#broadcastTurn.writing = true
    const moment = this.#moment
    moment.recordMs = record.timestamp
    moment.wallMs = this.#scope.turn.wallMs
    this.#ctx.record = record
    this.#ctx.following = false
    try {
      handler(this.#ctx, record.value())
    } catch (cause) {
      this.#fail(record, cause)
      return
    } finally {
      this.#broadcastTurn.writing = false
    }
    this.#journal?.forget()
  }

  #pass(clock: TimerClock, now: number): void {
    const timers = this.#timers
    if (timers !== undefined) {
      for (let entry = timers.take(clock, now); entry >= 0; entry = timers.take(clock, now)) {
        this.#callTimer(timers, clock, entry)
      }
    }
    const punctuations = this.#punctuations[clock]
    if (!punctuations.isEmpty) punctuations.pass(now, this.#punctuate)
  }

  #callTimer({ buffer }: TimerStore, clock: TimerClock, entry: number): void {
    const bytes = buffer.keyBytes(entry)
    const start = buffer.keyStart(entry) + timerKeyStart
    const end = buffer.keyEnd(entry)
    this.#cursor.take(bytes, start, end, murmur2(bytes, start, end))
    const own = this.#own
    own.setRawKey(this.#spec.key, bytes, start, end)
    own.setKeyHash(this.#cursor.hash)
    own.setValue(null)
    const timer = this.#timer
    timer.clock = clock
    timer.time = timerTime(bytes, buffer.keyStart(entry))
    this.#begin(timer.time)
    this.#ctx.following = true
    try {
      this.#spec.onTimer?.(this.#ctx, timer)
    } catch (cause) {
      this.#fail(own, cause)
      return
    }
    this.#journal?.forget()
    this.#emitter.settle()
  }

  readonly #punctuate = (fn: (time: number) => void, time: number): void => {
    this.acted = true
    this.#cursor.clear()
    this.#own.setKey(null)
    this.#own.setValue(null)
    this.#begin(time)
    this.#ctx.following = false
    try {
      fn(time)
    } catch (cause) {
      this.#fail(this.#own, cause)
      return
    }
    this.#journal?.forget()
    this.#emitter.settle()
  }

  /** Before a function that no record has led to. */
  #begin(time: number): void {
    const own = this.#own
    own.timestamp = Math.max(0, time)
    this.#moment.recordMs = own.timestamp
    const { slot } = this.#emitter
    slot.origin = own.origin
    slot.takeKey(own)
    this.#ctx.record = own
  }

  #fail(record: Slot, cause: unknown): void {
    this.#emitter.throwFailure()
    if (isStreamError(cause) && ofState.has(cause.code)) throw cause
    this.#journal?.undo()
    this.#emitter.drop()
    this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
  }
}

/** Errors of a store are not those of the function that used it. */
const ofState = new Set(['STATE_UNREADABLE', 'STATE_STORE_FAILED', 'INVARIANT_BROKEN'])
