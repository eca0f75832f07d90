/** Where a measurement was made: figures of different machines cannot be compared. */
import { cpus, totalmem } from 'node:os'
import { runToEnd } from '../../cluster/leash.ts'

export interface Machine {
  readonly cores: number
  readonly model: string
  readonly memoryGiB: number
  readonly node: string
  /** Undefined where there is none. */
  readonly java: string | undefined
}

export async function describeMachine(): Promise<Machine> {
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    java: await javaVersion(),
  }
}

export function machineLine(machine: Machine): string {
  const { cores, model, memoryGiB, node, java } = machine
  const versions = [`Node ${node}`, java === undefined ? 'no Java' : `Java ${java}`]
  return [`${cores} × ${model}`, `${memoryGiB} GiB`, ...versions].join(', ')
}

async function javaVersion(): Promise<string | undefined> {
  try {
    return /version "([^"]+)"/.exec(await runToEnd('java', ['-version']))?.[1]
  } catch {
    return undefined
  }
}
