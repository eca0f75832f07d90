/** Which start of the machine this is: what was written and not synced before it may be torn. */
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // Elsewhere the moment of the start, in steps that leave room for a clock that is set.
    const stepMs = 600_000
    return `boot-${Math.round((Date.now() - uptime() * 1000) / stepMs)}`
  }
}
