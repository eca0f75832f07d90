import { join } from 'node:path'
import { type Attempt, messageOf } from './kafka.ts'
import { leash } from './leash.ts'
import { freePort, reachable } from './ports.ts'
import { projectRoot } from './root.ts'

const readyTimeoutMs = 15_000

/**
 * Millrace's own broker, in memory, as a process of its own: for machines with nothing but Node.
 */
export async function embeddedKafka(): Promise<Attempt> {
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const errors: string[] = []
  const main = join(projectRoot, 'dist', 'src', 'main.js')
  const broker = await leash(process.execPath, [main, 'broker', '--port', String(port)], {
    onLine: (line) => errors.push(line),
  })
  const stop = async () => {
    broker.signal('SIGKILL')
    await broker.exited
  }
  const deadline = Date.now() + readyTimeoutMs
  while (!(await reachable(address, 1_000))) {
    if (broker.end() !== undefined || Date.now() > deadline) {
      await stop()
      const reason = errors.at(-1) ?? 'it does not answer'
      return { kind: 'unavailable', reason: messageOf(`the embedded broker: ${reason}`) }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    kind: 'running',
    kafka: {
      kind: 'embedded',
      brokers: address,
      description: 'the embedded broker',
      nodes: [],
      stop,
    },
  }
}
