/** The run's script of larger faults: what happens to whole processes and brokers, and when. */
import type { Cluster } from '../../kafka/broker/cluster.ts'
import type { NodeId } from '../../model/ids.ts'
import type { FaultKind } from './fault-kinds.ts'
import type { Faults } from './faults.ts'
import type { Network } from './network.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

export interface ScriptParts {
  readonly network: Network
  readonly cluster: Cluster
  readonly faults: Faults
  readonly workers: readonly SimulatedWorker[]
  readonly application: string
  readonly random: () => number
}

type Scripted = Exclude<
  FaultKind,
  | 'lose-request'
  | 'lose-reply'
  | 'delay'
  | 'refuse'
  | 'error-after-effect'
  | 'unknown-code'
  | 'outage-at-effect'
  | 'crash-at-effect'
  | 'pause-at-effect'
>

export class Script {
  readonly #parts: ScriptParts
  readonly #actions: { readonly [Kind in Scripted]: () => void }

  constructor(parts: ScriptParts) {
    this.#parts = parts
    this.#actions = {
      reset: () => this.#reset(),
      kill: () => this.#kill('kill', 'dies', () => undefined),
      'power-cut': () => this.#powerCut(),
      'lost-disk': () => this.#kill('lost-disk', 'loses its disk', ({ disk }) => disk.wipe()),
      pause: () => this.#pause(),
      'clock-jump': () => this.#clockJump(),
      storm: () => this.#storm(),
      stop: () => this.#stop(),
      'move-leader': () => this.#moveLeader(),
      'move-coordinator': () => this.#moveCoordinator(),
      'broker-restart': () => this.#brokerRestart(),
      'slow-fetch': () => this.#slowFetch(),
      throttle: () => this.#throttle(),
    }
  }

  /** Does one of the larger faults that this run has. */
  act(): void {
    const { faults } = this.#parts
    const mine = faults.kinds.filter((kind): kind is Scripted => kind in this.#actions)
    const kind = this.#pick(mine)
    if (kind !== undefined) this.#actions[kind]()
  }

  #asked(kind: Scripted, who: string, what: string): boolean {
    return this.#parts.faults.asked(kind, who, what)
  }

  #reset(): void {
    const { random } = this.#parts
    const worker = this.#someWorker()
    if (worker?.wire === undefined || !this.#asked('reset', worker.name, 'a connection')) return
    worker.wire.breakOne(random)
  }

  #kill(kind: Scripted, what: string, then: (worker: SimulatedWorker) => void): void {
    const worker = this.#someWorker()
    if (worker === undefined || !this.#asked(kind, worker.name, what)) return
    worker.kill()
    then(worker)
  }

  #powerCut(): void {
    const back = Math.floor(this.#parts.random() * 3)
    this.#kill('power-cut', `loses ${back} changes`, ({ disk }) => disk.loseUnsynced(back))
  }

  #pause(): void {
    const worker = this.#someWorker()
    const ms = this.#parts.random() ** 2 * 25_000
    const suspended = this.#parts.random() < 0.5
    const process = worker?.process
    if (worker === undefined || process === undefined) return
    const what = `${Math.round(ms)} ms${suspended ? ', suspended' : ''}`
    if (!this.#asked('pause', worker.name, what)) return
    process.freeze(suspended)
    this.#later(ms, worker.name, 'thaws', () => process.thaw())
  }

  #clockJump(): void {
    const worker = this.#someWorker()
    // Brokers refuse what is an hour ahead.
    const ms = (this.#parts.random() - 0.5) ** 3 * 7 * 3_600_000
    if (worker === undefined) return
    if (this.#asked('clock-jump', worker.name, `${Math.round(ms)} ms`)) {
      worker.process?.setClock(ms)
    }
  }

  #storm(): void {
    const { random, workers } = this.#parts
    const times = 2 + Math.floor(random() * 5)
    if (!this.#asked('storm', 'group', `${times} times`)) return
    for (let time = 0; time < times; time++) {
      this.#later(random() * 3000, 'group', 'storm', () => {
        const worker = this.#pick(workers)
        if (random() < 0.5) worker?.kill()
        else worker?.stop(random() < 0.5)
      })
    }
  }

  #stop(): void {
    const worker = this.#someWorker()
    const restart = this.#parts.random() < 0.5
    if (worker === undefined) return
    if (this.#asked('stop', worker.name, restart ? 'for a restart' : 'leaves')) worker.stop(restart)
  }

  #moveLeader(): void {
    const { cluster, network } = this.#parts
    const topic = this.#pick(cluster.topics.all())
    const partition = this.#pick(topic?.partitions ?? [])
    const to = this.#pick(network.nodes)
    if (topic === undefined || partition === undefined || to === undefined) return
    const { partition: number } = partition.log
    if (!this.#asked('move-leader', `${topic.name}-${number}`, `to ${to}`)) return
    cluster.moveLeader(topic.name, number, to)
    network.host.poke()
  }

  #moveCoordinator(): void {
    const { cluster, network, application, random } = this.#parts
    const kind = random() < 0.5 ? 'group' : 'transaction'
    const id = this.#pick(cluster.transactions.all())?.id
    const key = kind === 'group' ? application : id
    const to = this.#pick(network.nodes)
    if (key === undefined || to === undefined) return
    if (!this.#asked('move-coordinator', key, `${kind} to ${to}`)) return
    cluster.moveCoordinator(kind, key, to)
    network.host.poke()
  }

  #brokerRestart(): void {
    const { network, random } = this.#parts
    const node = this.#pick(network.nodes)
    const ms = 100 + random() ** 2 * 12_000
    const moves = random() < 0.6
    if (node === undefined) return
    const what = `${Math.round(ms)} ms${moves ? ', others lead' : ''}`
    if (!this.#asked('broker-restart', `broker ${node}`, what)) return
    network.takeDown(node, ms)
    if (moves) this.#moveAllFrom(node)
    network.host.poke()
  }

  #moveAllFrom(node: NodeId): void {
    const { cluster, network, application } = this.#parts
    const others = network.nodes.filter((other) => !network.isDown(other))
    const next = () => this.#pick(others)
    for (const topic of cluster.topics.all()) {
      for (const { leader, log } of topic.partitions) {
        const to = next()
        if (leader === node && to !== undefined) cluster.moveLeader(topic.name, log.partition, to)
      }
    }
    const ids = cluster.transactions.all().map(({ id }) => ['transaction', id] as const)
    for (const [kind, key] of [['group', application] as const, ...ids]) {
      const to = next()
      if (to === undefined || cluster.coordinator(kind, key) !== node) continue
      cluster.moveCoordinator(kind, key, to)
    }
  }

  #slowFetch(): void {
    const ms = 500 + this.#parts.random() * 5000
    if (this.#asked('slow-fetch', 'brokers', `${Math.round(ms)} ms`)) {
      this.#parts.network.slowFetches(ms)
    }
  }

  #throttle(): void {
    const { network, random } = this.#parts
    const node = this.#pick(network.nodes)
    const ms = 500 + random() * 5000
    if (node === undefined) return
    if (this.#asked('throttle', `broker ${node}`, `${Math.round(ms)} ms`)) {
      network.throttle(node, ms)
    }
  }

  #someWorker(): SimulatedWorker | undefined {
    return this.#pick(this.#parts.workers.filter(({ isUp }) => isUp))
  }

  #later(ms: number, who: string, what: string, run: () => void): void {
    this.#parts.network.after(ms, { who, what }, run)
  }

  #pick<Value>(list: readonly Value[]): Value | undefined {
    return list[Math.floor(this.#parts.random() * list.length)]
  }
}
