import { forward } from './forward.ts'
import type { Workload } from './workload.ts'

/**
 * As many map operators as `BENCH_DEPTH` says, one after the other, each giving back the value that
 * it got: what an operator costs that does nothing.
 */
export const chain: Workload = {
  ...forward,
  name: 'chain',
  title: 'chained map operators that change nothing',
}
