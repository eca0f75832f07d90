/**
 * What the parts of the client share: one wire, one cache of metadata and coordinators, one way to
 * ask.
 */
import type { Env } from '../../env/port.ts'
import type { Compress, Decompress } from '../protocol/record-batch/index.ts'
import type { KafkaWire } from '../wire.ts'
import type { Coordinators } from './coordinators.ts'
import type { Metadata } from './metadata.ts'
import type { Capabilities } from './port.ts'
import type { Requests } from './request.ts'

export interface ClientContext {
  readonly wire: KafkaWire
  readonly env: Env
  readonly requests: Requests
  readonly metadata: Metadata
  readonly coordinators: Coordinators
  readonly capabilities: Capabilities
  readonly compress: Compress
  readonly decompress: Decompress
  /** A question and all its retries end within this time. */
  readonly requestTimeoutMs: number
}
