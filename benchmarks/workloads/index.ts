import { chain } from './chain.ts'
import { count, countAtCommit } from './count.ts'
import { forward } from './forward.ts'
import { nexmark } from './nexmark.ts'
import { nexmarkStateful } from './nexmark-stateful.ts'
import { passthrough } from './passthrough.ts'
import { shuffle } from './shuffle.ts'
import { streamJoin } from './stream-join.ts'
import { tableJoin } from './table-join.ts'
import { windows } from './windows.ts'
import type { Workload } from './workload.ts'

/** All workloads, in the order of a report. */
export const workloads: readonly Workload[] = [
  forward,
  passthrough,
  count,
  countAtCommit,
  windows,
  tableJoin,
  streamJoin,
  chain,
  shuffle,
  ...nexmark,
  ...nexmarkStateful,
]

/** @throws Error when there is none of this name. */
export function workloadNamed(name: string): Workload {
  const found = workloads.find((workload) => workload.name === name)
  if (found !== undefined) return found
  throw new Error(`no workload ${name}: ${workloads.map(({ name }) => name).join(', ')}`)
}
