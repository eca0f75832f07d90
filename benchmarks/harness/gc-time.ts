/** Time that processes under measurement stood still to collect garbage. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const preload = fileURLToPath(new URL('./gc-preload.js', import.meta.url))

/** For Node: flags and environment that make it tell. */
export const nodeGc = {
  flags: ['--import', preload],
  environment: (folder: string) => ({ BENCH_GC: folder }),
}

/** For Java: one line per pause. */
export function javaGcFlag(folder: string): string {
  return `-Xlog:gc:file=${join(folder, 'gc.log')}:uptime:filecount=0`
}

/**
 * Seconds of all threads of Node, or of all pauses of Java, that were told into the folder;
 * undefined where nothing was.
 */
export function gcSeconds(folder: string): number | undefined {
  const log = join(folder, 'gc.log')
  if (existsSync(log)) {
    const pauses = readFileSync(log, 'utf8').matchAll(/Pause .* (\d+\.\d+)ms$/gm)
    return Array.from(pauses).reduce((sum, pause) => sum + Number(pause[1]), 0) / 1_000
  }
  const threads = readdirSync(folder).filter((name) => name.startsWith('gc-'))
  if (threads.length === 0) return undefined
  const read = (name: string) => Number(readFileSync(join(folder, name), 'utf8'))
  return threads.reduce((sum, name) => sum + read(name), 0) / 1_000
}
