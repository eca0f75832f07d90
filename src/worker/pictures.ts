/** Makes `WorkerView`s; remembers the one before for the rate. */
import type { Clock } from '../env/port.ts'
import type { GroupIdentity } from '../kafka/client/port.ts'
import { partitionName, type TopicPartition } from '../model/ids.ts'
import type { Epochs } from './epochs.ts'
import type { OwnedTask } from './owned-tasks.ts'
import type { InputView, StandbyView, TaskView, WorkerPhase, WorkerView } from './view.ts'

export interface Subject {
  readonly worker: number
  readonly phase: WorkerPhase
  readonly identity: GroupIdentity | undefined
  readonly rebalances: number
  readonly epochs: Epochs
  readonly epoch: number | undefined
  readonly records: number
  readonly tasks: readonly OwnedTask[]
  readonly standbys: readonly StandbyView[]
  readonly endOf: (input: TopicPartition) => number | undefined
}

export class Pictures {
  readonly #clock: Clock
  #atMs: number
  #records = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#atMs = clock.monotonic()
  }

  take(subject: Subject): WorkerView {
    const { worker, phase, identity, rebalances, epochs, epoch, records, standbys } = subject
    const nowMs = this.#clock.monotonic()
    const seconds = Math.max(0.001, (nowMs - this.#atMs) / 1000)
    const rate = Math.max(0, records - this.#records) / seconds
    this.#atMs = nowMs
    this.#records = records
    const tasks = subject.tasks.map((owned) => taskView(owned, subject))
    const lags = tasks.flatMap((task) => task.inputs.map((input) => input.lag ?? 0))
    return {
      worker,
      phase,
      rebalances,
      epoch,
      records,
      rate,
      tasks,
      standbys,
      memberId: identity?.memberId,
      generation: identity?.generation,
      openRecords: epochs.openRecords,
      checkpoint: epochs.state.phase,
      lag: lags.reduce((sum, lag) => sum + lag, 0),
    }
  }
}

function taskView(owned: OwnedTask, { epochs, endOf }: Subject): TaskView {
  const { id, task, running, restored, restoreTotal } = owned
  const inputs = task.inputs.map(({ topic, partition }): InputView => {
    const name = partitionName({ topic, partition })
    const committed = epochs.committed.get(name)?.offset
    const reached = committed ?? owned.started.get(name)
    const end = endOf({ topic, partition })
    const known = reached !== undefined && end !== undefined
    const lag = known ? Math.max(0, end - reached) : undefined
    const queuedBytes = task.queuedBytes({ topic, partition })
    return { topic, partition, committed, end, lag, queuedBytes }
  })
  const { watermark } = task
  const phase = running ? 'running' : 'restoring'
  const counters = { ...task.counters }
  const stores = task.storeStatus()
  const losses = task.losses()
  return { id, phase, restored, restoreTotal, watermark, counters, losses, inputs, stores }
}
