import type { BackendStore } from './backend-store.ts'
import type { EntrySet } from './entry-set.ts'
import { entryWords, markWord } from './entry-table.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { StoreBatch } from './store-batch.ts'

/** What a buffer's entries were when the last epoch committed. No epoch waits for its commit. */
export function addCommitted(
  batch: StoreBatch,
  below: BackendStore,
  buffer: EpochBuffer,
  entries: EntrySet,
): void {
  const { table, column, open } = buffer
  for (let entry = entries.next(0); entry >= 0; entry = entries.next(entry + 1)) {
    const start = table.keyStart(entry)
    below.addKey(batch, table.keyBytes(entry), start, start + table.keyLength(entry))
    const item = itemOf(buffer, entry)
    if (item < 0) column.encode(entry)
    else column.encodePayload(open.words, open.payloadAt(item))
    if (column.start < 0) continue
    const time = item < 0 ? buffer.timeOf(entry) : open.time(item)
    batch.addValue(time, column.bytes, column.start, column.end)
  }
}

/** A copy of what an entry's value was when the last epoch committed; undefined for none. */
export function committedValue(buffer: EpochBuffer, entry: number): unknown {
  const { column, open, staged } = buffer
  const waiting = staged?.log.find(entry) ?? -1
  if (staged !== undefined && waiting >= 0) return staged.log.valueBefore(waiting, column)
  const item = itemOf(buffer, entry)
  return item >= 0 ? open.valueBefore(item, column) : column.copy(entry)
}

/** The entry's place in the log of the open epoch, negative where that did not change it. */
function itemOf({ table }: EpochBuffer, entry: number): number {
  return (table.words[entry * entryWords + markWord] ?? 0) - 1
}
