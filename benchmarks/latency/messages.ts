/** What the runner, the generator and the reader tell each other. */
import type { Summary } from './histogram.ts'

/** As JSON in the first argument of both processes. */
export interface PartSetup {
  readonly brokers: string
  readonly topic: string
  readonly partitions: number
  /** Of the shared clock. */
  readonly originMs: number
  readonly perSecond: number
  /** Between two sends of the generator: what it has become late by meanwhile is in the latency. */
  readonly tickMs: number
  /** Distinct keys and bytes of a value. */
  readonly keys: number
  readonly valueBytes: number
}

/** Records whose intended time is in it are measured; the generator ends with it. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

export type ToPart =
  | { readonly kind: 'window'; readonly window: Window }
  /** To the reader: so many were sent in all. */
  | { readonly kind: 'expect'; readonly records: number }

export type FromPart =
  /** The reader has seen the first record. */
  | { readonly kind: 'first' }
  | { readonly kind: 'generated'; readonly result: Generated }
  | { readonly kind: 'read'; readonly result: Read }
  | { readonly kind: 'failed'; readonly message: string }

export interface Generated {
  readonly records: number
  /** Of the measured records: written to the socket so long after the intended time. */
  readonly lateness: Summary
  /** Of Produce requests. */
  readonly acknowledged: Summary
  /** Share of the time that the process was busy, 0 to 1. */
  readonly busy: number
}

export interface Read {
  readonly records: number
  readonly latency: Summary
  /** Records behind one of a later intended time in their partition. */
  readonly disordered: number
  readonly busy: number
}

export function setupOf(argv: readonly string[]): PartSetup {
  return JSON.parse(argv[2] ?? '{}') as PartSetup
}

export function tell(message: FromPart): void {
  process.send?.(message)
}

/** Ends with the runner, whatever becomes of it. */
export function listen(take: (message: ToPart) => void): void {
  process.on('message', take)
  process.on('disconnect', () => process.exit(0))
}

export function fail(error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tell({ kind: 'failed', message })
}
