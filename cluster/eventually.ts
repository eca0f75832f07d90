import { setTimeout as sleep } from 'node:timers/promises'

const betweenMs = 50

/** Tries until it does not fail; after the time it fails as the last try did. */
export async function eventually<T>(attempt: () => Promise<T> | T, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await sleep(betweenMs)
  }
}
