/**
 * One connection of a process to a broker, as TCP has it: both directions keep their order, and
 * what was sent arrives even if the sender is dead by then, until the connection breaks.
 */
import type { ConnectionEnd, HostedConnection } from '../../adapters/direct-wire/broker-host.ts'
import { joined } from '../../adapters/direct-wire/direct-wire.ts'
import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import { fetch } from '../../kafka/protocol/messages/index.ts'
import { WireError } from '../../kafka/wire.ts'
import type { NodeId } from '../../model/ids.ts'
import { refusal, withError } from './errors.ts'
import type { Fate, Pause } from './fates.ts'
import type { Network } from './network.ts'
import type { SimulatedProcess } from './process.ts'

interface Sent {
  readonly request: EncodedRequest
  readonly fate: Fate
  readonly resolve: (body: Uint8Array) => void
  readonly reject: (error: WireError) => void
  readonly cancelTimeout: () => void
}

/** What befalls the process at the very effect. */
export interface ProcessHooks {
  readonly crash: () => void
  readonly pause: (pause: Pause) => void
  /** An epoch was dropped, or nobody knows whether it committed. */
  readonly recovers: () => boolean
}

/** Two things that follow each other on a connection are so far apart at least. */
const apartMs = 0.001

export class SimulatedConnection implements ConnectionEnd {
  readonly node: NodeId
  /** The client's end is closed. */
  ended = false
  readonly #network: Network
  readonly #process: SimulatedProcess
  readonly #hooks: ProcessHooks
  readonly #sent = new Map<number, Sent>()
  #hosted: HostedConnection | undefined
  /** The broker's end is closed: nothing arrives there any more. */
  #broken = false
  /** Answers get lost from now on. */
  #mute = false
  #number = 0
  #arrivesMs = 0
  #repliesMs = 0

  constructor(network: Network, process: SimulatedProcess, node: NodeId, hooks: ProcessHooks) {
    this.#network = network
    this.#process = process
    this.node = node
    this.#hooks = hooks
    network.add(this)
  }

  send(request: EncodedRequest, timeoutMs: number): Promise<Uint8Array> {
    // What a process that has just died would still do does not leave it.
    if (!this.#process.isAlive) return new Promise(() => undefined)
    const number = ++this.#number
    const { apiName } = request
    const fate = this.#network.fates.draw(request, this.#process.name, this.#hooks.recovers())
    if (fate.kind === 'crash' && fate.when === 'before') return this.#died()
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#process.env.timers.after(timeoutMs, () =>
        this.end('timeout', `no answer to ${apiName} within ${timeoutMs} ms`),
      )
      this.#sent.set(number, { request, fate, resolve, reject, cancelTimeout })
      const extraMs = fate.kind === 'delay' || fate.kind === 'crash' ? fate.requestMs : 0
      const leave = () =>
        this.#arrive(extraMs, `> ${apiName}`, () => this.#receive(number, request, fate))
      if (fate.kind === 'pause') this.#hooks.pause(fate.pause)
      this.#process.gate(leave)
      if (fate.kind === 'crash' && fate.when === 'after') this.#hooks.crash()
    })
  }

  /** The client closes, or gives up: what is in flight is rejected, its fate is unknown. */
  end(reason: WireError['reason'], message: string): void {
    if (this.ended) return
    this.ended = true
    this.#network.remove(this)
    this.#arrive(0, '> close', () => {
      this.#broken = true
      this.#hosted?.disconnect()
    })
    for (const number of this.#sent.keys()) {
      const sent = this.#take(number)
      // Nobody hears of it in a process that is dead.
      this.#process.gate(() => sent?.reject(new WireError(reason, message, true)))
    }
  }

  /** Both ends are gone at once, and what is on its way is lost. */
  break(): void {
    if (this.#broken) return
    this.#broken = true
    this.#hosted?.disconnect()
    this.#tellClient('the connection broke')
  }

  respond(number: number, body: readonly Uint8Array[]): void {
    this.#answer(number, joined(body))
  }

  done(number: number): void {
    this.#answer(number, new Uint8Array(0))
  }

  close(reason: string): void {
    this.#broken = true
    this.#tellClient(`the broker closed the connection: ${reason}`)
  }

  #receive(number: number, request: EncodedRequest, fate: Fate): void {
    if (this.#broken) return
    if (this.#network.isDown(this.node)) return this.break()
    const { apiKey, apiVersion, body } = request
    if (fate.kind === 'lose-request') {
      // What came after it on this connection does not arrive either.
      if (fate.connection === 'reset') this.break()
      else this.#mute = true
    }
    if (this.#mute) return
    if (fate.kind === 'refuse') {
      const refused = refusal(request, fate.code)
      if (refused !== undefined) return this.#answer(number, refused)
    }
    this.#hosted ??= this.#network.host.connect(this.node, '/127.0.0.1', this)
    const clientId = this.#process.name
    this.#hosted.submit({ id: number, apiKey, apiVersion, clientId, body: joined(body) })
  }

  #answer(number: number, body: Uint8Array): void {
    const sent = this.#sent.get(number)
    if (sent === undefined || this.#mute || this.#broken) return
    const { request, fate } = sent
    if (fate.kind === 'lose-reply') {
      if (fate.connection === 'reset') this.break()
      else this.#mute = true
      return
    }
    if (fate.kind === 'outage') return this.#network.takeDown(this.node, fate.ms)
    const { apiKey, apiVersion, apiName } = request
    const told = fate.kind === 'answer' ? withError(apiKey, apiVersion, body, fate.code) : body
    const network = this.#network
    const slowMs = network.replyDelayMs(this.node, apiKey === fetch.key)
    const extraMs = slowMs + (fate.kind === 'delay' ? fate.replyMs : 0)
    this.#reply(extraMs, `< ${apiName} ${told.length}`, () => {
      if (this.ended || this.#broken) return
      const crashes = fate.kind === 'crash' && fate.when === 'answered'
      if (crashes) this.#hooks.crash()
      else this.#process.gate(() => this.#take(number)?.resolve(told))
    })
  }

  #tellClient(message: string): void {
    if (this.ended) return
    this.#reply(0, '< close', () => this.#process.gate(() => this.end('closed', message)))
  }

  #arrive(extraMs: number, what: string, run: () => void): void {
    const { scheduler } = this.#network
    const atMs = scheduler.nowMs + this.#network.latencyMs() + extraMs
    this.#arrivesMs = Math.max(this.#arrivesMs + apartMs, atMs)
    this.#after(this.#arrivesMs, what, run)
  }

  #reply(extraMs: number, what: string, run: () => void): void {
    const { scheduler } = this.#network
    const atMs = scheduler.nowMs + this.#network.latencyMs() + extraMs
    this.#repliesMs = Math.max(this.#repliesMs + apartMs, atMs)
    this.#after(this.#repliesMs, what, run)
  }

  #after(atMs: number, what: string, run: () => void): void {
    const { scheduler } = this.#network
    const who = `${this.#process.name}/${this.node}`
    this.#network.after(atMs - scheduler.nowMs, { who, what }, run)
  }

  #died(): Promise<Uint8Array> {
    this.#hooks.crash()
    return new Promise(() => undefined)
  }

  #take(number: number): Sent | undefined {
    const sent = this.#sent.get(number)
    this.#sent.delete(number)
    sent?.cancelTimeout()
    return sent
  }
}
