/** `node state-writer.js <directory>`: flushes counts in slices until it is killed. */
import { setImmediate } from 'node:timers/promises'
import { LmdbBackend } from '../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../src/adapters/lmdb/library.ts'
import { timeBytes } from '../../src/state/store-batch.ts'
import { countingFlush, keyAndCount } from './state-batches.ts'

const directory = process.argv[2] ?? ''
const backend = new LmdbBackend({
  lmdb: await loadLmdb(),
  directory,
  onUnreadable: (_, error) => {
    throw error
  },
  onClosed: () => undefined,
})
const counts = new Map<number, number>()
for (const entry of backend.range('store', {})) {
  const { key, count } = keyAndCount(entry, timeBytes)
  counts.set(key, count)
}
let offset = backend.offset('store') ?? 0
process.stdout.write('writing\n')
for (;;) {
  const { batch, next } = countingFlush(offset, counts)
  backend.begin()
  for (let at = 0; at < batch.count; at += 50) {
    backend.apply(batch, at, Math.min(batch.count, at + 50))
    await setImmediate()
  }
  backend.commit()
  offset = next
}
