/**
 * @kafkats/flow under measurement: `node main.js MODULES SETTINGS`, where MODULES is the folder
 * that it is installed in and SETTINGS a `FlowSettings` as JSON.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FlowModule, FlowSettings, LmdbModule, NumberCodec, Stream } from './api.ts'

const [, , modules = '', text = '{}'] = process.argv
const settings: FlowSettings = JSON.parse(text)
const require = createRequire(join(modules, 'package.json'))
const kafkats: FlowModule = require('@kafkats/flow')
const { codec } = kafkats
const { workload, events, output, partitions, stateDirectory } = settings

interface Event {
  readonly amount: number
}

/** As Kafka Streams writes a `Long`. */
const long: NumberCodec = {
  encode(value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(BigInt(value))
    return bytes
  },
  decode: (bytes) => Number(bytes.readBigInt64BE()),
}

const app = kafkats.flow({
  applicationId: settings.application,
  client: {
    clientId: settings.application,
    brokers: settings.brokers.split(','),
  },
  processingGuarantee: 'exactly_once',
  commitIntervalMs: settings.commitMs,
  numStreamThreads: settings.threads,
  consumer: {
    autoOffsetReset: 'earliest',
    isolationLevel: 'read_committed',
    maxBytesPerPartition: 4 * 2 ** 20,
  },
  runEach: { partitionConcurrency: partitions },
  ...(settings.store === 'lmdb' ? { stateStoreProvider: lmdbStores() } : {}),
})
build()
await app.start()

function lmdbStores(): unknown {
  const provider: LmdbModule = require('@kafkats/flow-state-lmdb')
  return provider.lmdb({ stateDir: stateDirectory })
}

function build(): void {
  const bytes = { key: codec.buffer(), value: codec.buffer() }
  const source: Stream<Buffer, Buffer> = app.stream(events, bytes)
  switch (workload) {
    case 'passthrough':
      passthrough()
      break
    case 'count':
      source
        .groupByKey(bytes)
        .count({ storeName: 'counts', key: codec.buffer(), value: long })
        .toStream()
        .to(output, { key: codec.buffer(), value: long })
      break
    default:
      throw new Error(`no workload ${workload}`)
  }
}

function passthrough(): void {
  const form = { key: codec.buffer(), value: codec.json<Event>() }
  app
    .stream<Buffer, Event>(events, form)
    .filter((_, event) => event !== null && event.amount >= 1_000)
    .mapValues((event) => event && { ...event, amount: event.amount * 2 })
    .to(output, form)
}
