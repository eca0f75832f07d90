/**
 * A process that can be killed or frozen: whatever would run its code (timers, answers, turns for
 * I/O) goes through a gate.
 */
import type { Env } from '../../../src/env/port.ts'
import type { KafkaWire, WireLane } from '../../../src/kafka/wire.ts'

export class Mortal {
  readonly env: Env
  readonly wire: KafkaWire
  #state: 'alive' | 'frozen' | 'dead' = 'alive'
  readonly #held: (() => void)[] = []
  readonly #inner: KafkaWire

  constructor(outer: Env, wire: KafkaWire) {
    this.#inner = wire
    this.env = {
      ...outer,
      clock: outer.clock,
      timers: {
        after: (ms, run) => outer.timers.after(ms, () => this.#gate(run)),
        sleep: (ms, signal) => this.#through(outer.timers.sleep(ms, signal)),
        yield: () => this.#through(outer.timers.yield()),
      },
      random: (stream) => outer.random(stream),
    }
    this.wire = {
      connect: () => wire.connect(),
      anyNode: () => wire.anyNode(),
      learn: (brokers) => wire.learn(brokers),
      apiVersions: (node) => this.#through(wire.apiVersions(node)),
      lane: (name) => this.#lane(wire.lane(name)),
      close: () => wire.close(),
    }
  }

  /** Nothing of it runs again; its connections are closed. */
  kill(): void {
    this.#state = 'dead'
    this.#held.length = 0
    void this.#inner.close()
  }

  freeze(): void {
    if (this.#state === 'alive') this.#state = 'frozen'
  }

  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'alive'
    for (const run of this.#held.splice(0)) run()
  }

  #lane(lane: WireLane): WireLane {
    return {
      send: (node, request, timeoutMs) => this.#through(lane.send(node, request, timeoutMs)),
      isOpen: (node) => lane.isOpen(node),
      drop: (node) => lane.drop(node),
      close: () => lane.close(),
    }
  }

  #through<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#gate(() => resolve(value)),
        (error: Error) => this.#gate(() => reject(error)),
      )
    })
  }

  #gate(run: () => void): void {
    if (this.#state === 'alive') run()
    else if (this.#state === 'frozen') this.#held.push(run)
  }
}
