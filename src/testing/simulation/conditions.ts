/** Under which settings a run takes place: drawn, so that seeds reach more than the defaults do. */
import type { Settings } from '../../config/option-table.ts'
import { type OptionsInput, resolveSettings } from '../../config/settings.ts'
import type { BrokerOptions } from '../../kafka/broker/options.ts'
import type { Scheduler } from './scheduler.ts'

export interface Conditions {
  readonly settings: Settings
  readonly broker: Partial<BrokerOptions>
  readonly workers: number
  readonly partitions: number
  /** Whether input comes in bursts: then an epoch is open while the one before it commits. */
  readonly bursts: boolean
}

export interface ConditionsAsked {
  readonly workers?: number | undefined
  readonly partitions?: number | undefined
  readonly options?: OptionsInput | undefined
}

export function drawConditions(scheduler: Scheduler, asked: ConditionsAsked): Conditions {
  const random = scheduler.random('conditions')
  const pick = <const Value>(...list: readonly [Value, ...Value[]]): Value =>
    list[Math.floor(random() * list.length)] ?? list[0]
  const options: OptionsInput = {
    commitInterval: pick(50, 100, 100, 300),
    epochRecordsMax: pick(3, 50, 1_000_000),
    transactionTimeout: pick(2_000, 5_000, 10_000),
    sessionTimeout: pick(6_000, 10_000),
    heartbeatInterval: pick(300, 1_000),
    rebalanceTimeout: pick(4_000, 10_000, 30_000),
    requestTimeout: pick(1_500, 5_000),
    deliveryTimeout: pick(2_000, 5_000, 15_000),
    stateFlushInterval: pick(100, 500, 2_000),
    repartitionPurgeInterval: pick(500, 30_000),
    fetchWait: pick(100, 250),
    fetchPartitionBytesMax: pick(1_024, 65_536),
    fetchBytesMax: 65_536,
    fetchBufferBytesMax: pick(65_536, 33_554_432),
    queueBytesMax: pick(16_384, 4_194_304),
    batchBytesMax: pick(1_024, 1_000_000),
    numStandby: pick(0, 0, 1, 2),
    acceptableLag: pick(0, 10, 10_000),
    instanceId: pick('auto', 'auto', 'none'),
    stopTimeout: 10_000,
    topicWait: 30_000,
  }
  const broker: Partial<BrokerOptions> = {
    seed: String(scheduler.seed),
    nodes: pick(1, 3, 3),
    transactionVersion: pick(2, 2, 2, 1),
    markerDelayMs: pick(0, 2, 8, 60),
    markerSpreadMs: pick(0, 0, 1, 30),
    initialRebalanceDelayMs: pick(0, 0, 1_000),
  }
  const workers = asked.workers ?? pick(2, 3, 3)
  const partitions = asked.partitions ?? pick(1, 2, 3)
  const bursts = pick(true, false)
  const settings = resolveSettings({ options: { ...options, ...asked.options } })
  return { settings, broker, workers, partitions, bursts }
}
