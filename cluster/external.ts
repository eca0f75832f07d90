import type { Attempt } from './kafka.ts'
import { reachable } from './ports.ts'

const connectTimeoutMs = 5_000

/**
 * The cluster named by `MILLRACE_BROKERS`. Named but unreachable is an error: whoever names one
 * wants no other.
 */
export async function externalKafka(env: NodeJS.ProcessEnv): Promise<Attempt> {
  const brokers = env['MILLRACE_BROKERS']
  if (brokers === undefined || brokers === '') {
    return { kind: 'unavailable', reason: 'MILLRACE_BROKERS is not set' }
  }
  const addresses = brokers.split(',').map((address) => address.trim())
  const answers = await Promise.all(addresses.map((at) => reachable(at, connectTimeoutMs)))
  if (!answers.includes(true)) {
    throw new Error(`none of the brokers in MILLRACE_BROKERS answers: ${brokers}`)
  }
  return {
    kind: 'running',
    kafka: {
      kind: 'external',
      brokers,
      description: 'the cluster named by MILLRACE_BROKERS',
      nodes: [],
      stop: () => Promise.resolve(),
    },
  }
}
