import { assertNever } from '../src/model/errors.ts'
import { containerKafka } from './container.ts'
import { embeddedKafka } from './embedded.ts'
import { externalKafka } from './external.ts'
import { javaKafka } from './java.ts'
import {
  type Attempt,
  type KafkaKind,
  kafkaKinds,
  messageOf,
  type Progress,
  type RunningKafka,
} from './kafka.ts'

export interface LaunchOptions {
  /** Only this kind; when it is not to be had, none is. */
  readonly force?: KafkaKind
  /** The kinds that will do, in the order of `kafkaKinds`. Default: all. */
  readonly acceptable?: readonly KafkaKind[]
  /** More than one of our own are had by Java only. @default 1 */
  readonly brokers?: number
  /** Options of a broker's Java, where it is ours. Default: small and quick to start. */
  readonly jvm?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Told which Kafka was taken and why, and about steps that take long. */
  readonly progress?: Progress
}

export type Launch =
  | { readonly kind: 'running'; readonly kafka: RunningKafka }
  | { readonly kind: 'none'; readonly reason: string }

/** Every kind but the embedded broker. */
export const apacheKafka: readonly KafkaKind[] = ['external', 'docker', 'java']

/**
 * Gets a Kafka: the cluster of `MILLRACE_BROKERS`, else a container, else Java, else the embedded
 * broker. Says in one line which it took and why it took none of those before it.
 */
export async function launchKafka(options: LaunchOptions = {}): Promise<Launch> {
  const env = options.env ?? process.env
  const progress = options.progress ?? (() => undefined)
  const acceptable = options.acceptable ?? kafkaKinds
  const kinds = options.force === undefined ? acceptable : [options.force]
  const reasons: string[] = []
  for (const kind of kinds) {
    const attempt = await attemptOne(kind, env, progress, options)
    if (attempt.kind === 'running') {
      const because = options.force === undefined ? reasons.join('; ') : `--kafka=${kind}`
      const suffix = because === '' ? '' : ` (${because})`
      progress(`${attempt.kafka.description} at ${attempt.kafka.brokers}${suffix}`)
      return attempt
    }
    reasons.push(`${kind}: ${attempt.reason}`)
  }
  return { kind: 'none', reason: reasons.join('; ') }
}

async function attemptOne(
  kind: KafkaKind,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  options: LaunchOptions,
): Promise<Attempt> {
  const { brokers = 1, jvm } = options
  if (brokers > 1 && (kind === 'docker' || kind === 'embedded')) {
    return { kind: 'unavailable', reason: `one broker only; ${brokers} need Java` }
  }
  switch (kind) {
    case 'external':
      return externalKafka(env)
    case 'docker':
      return containerKafka(env, progress)
    case 'java':
      return javaKafka(env, progress, { brokers, ...(jvm && { jvm }) }).catch(unavailable)
    case 'embedded':
      return embeddedKafka()
    default:
      return assertNever(kind)
  }
}

function unavailable(error: unknown): Attempt {
  return { kind: 'unavailable', reason: messageOf(error) }
}
