/**
 * `node container-reaper.js NAME`: waits until its standard input closes, which happens at the
 * latest when the process that started it is gone, and removes the container of that name with its
 * volumes.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const name = process.argv[2] ?? ''
const attempts = 20
const betweenMs = 250

process.stdin.resume()
process.stdin.once('end', () => void remove())
process.stdin.once('error', () => void remove())

async function remove(): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  const client = await getContainerRuntimeClient()
  for (let i = 0; i < attempts; i++) {
    try {
      await client.container.getById(name).remove({ force: true, v: true })
      return process.exit(0)
    } catch {
      // Not created yet, because the crash came in the middle of it: it may appear within a moment.
      await sleep(betweenMs)
    }
  }
  process.exit(1)
}
