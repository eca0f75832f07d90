/** Processor time and memory of processes, read from `/proc` (Linux). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const clockTicksPerSecond = 100

/**
 * User and system seconds of a process: all its threads, the children that it waited for, and those
 * that live. NaN once it is gone.
 */
export function processorSeconds(pid: number): number {
  const own = readStat(pid)
  if (own === undefined) return Number.NaN
  const living = descendants(pid).reduce((sum, child) => sum + (readStat(child)?.ticks ?? 0), 0)
  return (own.ticks + living) / clockTicksPerSecond
}

/** The most memory that a process and each of its living children have had, summed, in MiB. */
export function peakMemoryMiB(pid: number): number {
  const kibibytes = [pid, ...descendants(pid)].map((one) => {
    try {
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1])
    } catch {
      return 0
    }
  })
  return kibibytes.reduce((sum, size) => sum + size, 0) / 1_024
}

/** The process that listens on a port of this machine; undefined where it cannot be seen. */
export function listenerOf(port: number): number | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningSockets(table, port)))
  return allPids().find((pid) => openFiles(pid).some((file) => sockets.has(file)))
}

interface Stat {
  readonly parent: number
  readonly ticks: number
}

function readStat(pid: number): Stat | undefined {
  try {
    // The name of the program, in brackets, may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return { parent: Number(fields[1]), ticks }
  } catch {
    return undefined
  }
}

function descendants(pid: number): readonly number[] {
  const parents = allPids().map((child) => ({ child, parent: readStat(child)?.parent }))
  const found: number[] = []
  const open = [pid]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = parents.filter(({ parent }) => parent === next).map(({ child }) => child)
    found.push(...children)
    open.push(...children)
  }
  return found
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

const listening = '0A'

function listeningSockets(table: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) === true && fields[3] === listening)
    .map((fields) => `socket:[${fields[9]}]`)
}

function openFiles(pid: number): readonly string[] {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`))
  } catch {
    // Gone, or somebody else's.
    return []
  }
}
