/** Chooses the wire: sockets of kafkajs, or what a test gives. */
import { batchCompression } from '../adapters/compression/index.ts'
import { kafkajsWire } from '../adapters/kafkajs/wire.ts'
import type { Settings } from '../config/option-table.ts'
import type { Env } from '../env/port.ts'
import { connectKafka } from '../kafka/client/connect.ts'
import type { KafkaClient } from '../kafka/client/port.ts'
import type { KafkaWire } from '../kafka/wire.ts'

export function connect(settings: Settings, env: Env, wire?: KafkaWire): Promise<KafkaClient> {
  return connectKafka({
    wire: wire ?? socketWire(settings, env),
    env,
    requestTimeoutMs: settings.requestTimeout,
    ...batchCompression(),
  })
}

function socketWire({ brokers, clientId, ssl, sasl, connectTimeout }: Settings, env: Env) {
  return kafkajsWire({ brokers, clientId, connectTimeoutMs: connectTimeout, ssl, sasl }, env)
}
