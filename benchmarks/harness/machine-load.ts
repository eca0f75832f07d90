/** What the cores of the machine did, as Linux counts it. */
import { readFileSync } from 'node:fs'

export interface CoreSeconds {
  readonly busy: number
  /** Taken by the host of a virtual machine. */
  readonly stolen: number
}

const clockTicksPerSecond = 100

/** Since the machine started; NaN where it does not tell. */
export function coreSeconds(): CoreSeconds {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
    const ticks = line.split(/\s+/).slice(1).map(Number)
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = ticks
    return {
      busy: (user + nice + system + irq + softIrq) / clockTicksPerSecond,
      stolen: steal / clockTicksPerSecond,
    }
  } catch {
    return { busy: Number.NaN, stolen: Number.NaN }
  }
}
