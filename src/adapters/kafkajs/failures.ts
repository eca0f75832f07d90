/** From what kafkajs and Node throw to the reasons of the wire port. */
import { WireError } from '../../kafka/wire.ts'

const tlsCodes =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/
const saslTypes = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
])

interface Security {
  readonly tls: boolean
  readonly sasl: boolean
}

/** Why a connection could not be made, with advice. No byte of a caller's request had left. */
export function connectFailure(address: string, error: unknown, security: Security): WireError {
  if (error instanceof WireError) return error
  const message = error instanceof Error ? error.message : String(error)
  const detail = message.replace(/^Connection error: /, '')
  const reason = connectReason(error, detail, security)
  const advice = adviceOn(reason, security)
  return new WireError(reason, `${address}: ${detail.replace(/\.$/, '')}${advice}`, false, error)
}

function connectReason(error: unknown, detail: string, security: Security): WireError['reason'] {
  const code = property(error, 'code')
  if (saslTypes.has(property(error, 'type'))) return 'authentication'
  if (property(error, 'name') === 'KafkaJSSASLAuthenticationError') return 'authentication'
  if (property(error, 'name').startsWith('KafkaJSNonRetriable') && security.sasl) {
    return 'authentication'
  }
  // Also how a broker that stops in mid-handshake looks, so it may not be final.
  if (code === 'ECONNRESET' || code === 'EPIPE' || /closed/i.test(detail)) return 'closed'
  if (tlsCodes.test(code) || /certificate/i.test(detail)) return 'tls'
  if (security.tls && detail.startsWith('Failed to connect')) return 'tls'
  if (/server first|SCRAM|signature/i.test(detail) && security.sasl) return 'authentication'
  return 'unreachable'
}

function adviceOn(reason: WireError['reason'], security: Security): string {
  if (reason === 'authentication') return '; check the SASL mechanism, user name and password'
  if (reason === 'tls') {
    return '; check the certificate authority (ssl.ca), the host name, and whether the port is TLS'
  }
  if (reason !== 'closed') {
    return '; is a Kafka broker running there, and can the address be reached from here?'
  }
  return security.tls
    ? '; does this port speak TLS?'
    : '; does this port expect TLS, or something else than Kafka?'
}

function property(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : ''
}
