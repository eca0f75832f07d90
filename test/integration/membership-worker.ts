/**
 * A group member in a process of its own, for tests that kill and freeze it. Each line of its
 * output is an event as JSON. Arguments: broker, group, topic, tasks, name, instance id or `-`.
 */
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { connectKafka } from '../../src/kafka/client/connect.ts'
import { quietEnv } from '../quiet-env.ts'
import { RigMember } from '../support/rig-member.ts'

export type WorkerEvent =
  | { readonly kind: 'start' | 'stop'; readonly task: string; readonly generation: number }
  | { readonly kind: 'lost' | 'fatal'; readonly code: string }
  | { readonly kind: 'fenced'; readonly id: string }
  /** It was frozen for so long, and this was the first thing that ran after it. */
  | { readonly kind: 'woken'; readonly frozenMs: number; readonly hadIdentity: boolean }

const sessionTimeoutMs = 6_000
const tickMs = 20

function tell(event: WorkerEvent): void {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), ...event })}\n`)
}

async function main(args: readonly string[]): Promise<void> {
  const [broker = '', groupId = '', topic = '', tasks = '', name = '', instance = '-'] = args
  const { compress, decompress } = batchCompression()
  const wire = kafkajsWire({ brokers: [broker] }, quietEnv)
  const client = await connectKafka({ wire, env: quietEnv, compress, decompress })
  const generation = () => worker.member.identity()?.generation ?? -1
  const group = {
    groupId,
    topic,
    tasks: Number(tasks),
    start: (task: string) => tell({ kind: 'start', task, generation: generation() }),
    stop: (task: string) => tell({ kind: 'stop', task, generation: generation() }),
    fenced: (id: string) => tell({ kind: 'fenced', id }),
    lost: (error: Error) => tell({ kind: 'lost', code: codeOf(error) }),
    fatal: (error: Error) => tell({ kind: 'fatal', code: codeOf(error) }),
  }
  const options = { sessionTimeoutMs, ...(instance === '-' ? {} : { instanceId: instance }) }
  const worker = new RigMember(group, name, options, (more) => client.member(more))
  watchForFreezes(worker)
  worker.start()
  process.on('SIGTERM', () => {
    void worker.leave().then(() => process.exit(0))
  })
}

/** What a worker's commit timer would find if it were the first to run after a freeze. */
function watchForFreezes(worker: RigMember): void {
  let before = performance.now()
  setInterval(() => {
    const frozenMs = performance.now() - before
    before += frozenMs
    if (frozenMs < 1_000) return
    tell({ kind: 'woken', frozenMs, hadIdentity: worker.member.identity() !== undefined })
  }, tickMs)
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}

await main(process.argv.slice(2))
