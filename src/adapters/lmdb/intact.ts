/**
 * Looks at a file before LMDB trusts it: a file that is none of its own, or that was cut short,
 * ends the process by a signal instead of an error, or reads as if keys were missing.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import type { LmdbDatabase } from './library.ts'

const magicAt = 24
const magic = 0xbeefc0de

/** What is wrong with a file's beginning; undefined: nothing, or there is no file yet. */
export function wrongBeginning(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const head = new Uint8Array(magicAt + 4)
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, head)
    // Made, and not yet written when its process died.
    if (length === 0) return undefined
    if (length < head.length) return 'its first page is not whole'
  } finally {
    closeSync(file)
  }
  const found = new DataView(head.buffer).getUint32(magicAt, true)
  return found === magic ? undefined : 'it is not a file of LMDB'
}

/** @param bytes Size of the file before it was opened: opening may make it longer. */
export function wrongLength(database: LmdbDatabase, bytes: number): string | undefined {
  if (bytes === 0) return undefined
  const { lastPageNumber } = database.env.info()
  const wanted = (lastPageNumber + 1) * database.env.stat().pageSize
  return bytes < wanted ? `it has ${bytes} bytes of ${wanted}` : undefined
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
