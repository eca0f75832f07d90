/** `node state-writer.js <backend> <directory>`: flushes counts in slices until it is killed. */
import { setImmediate } from 'node:timers/promises'
import { timeBytes } from '../../src/state/store-batch.ts'
import { countingFlush, keyAndCount } from './state-batches.ts'
import { persistentBackends } from './state-kills.ts'

const [, , name, directory = ''] = process.argv
const open = Object.entries(persistentBackends).find(([known]) => known === name)?.[1]
if (open === undefined) throw new Error(`no persistent backend is called ${name}`)
const backend = await open(directory)
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
