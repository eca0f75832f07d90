import type { Scenario } from '../scenario.ts'
import { counts } from './counts.ts'
import { orderedFolds } from './ordered-folds.ts'
import { randomChain } from './random-chain.ts'
import { stages } from './stages.ts'
import { streamJoins } from './stream-joins.ts'
import { tableJoin } from './table-join.ts'
import { tableRelations } from './table-relations.ts'
import { timers } from './timers.ts'
import { windows } from './windows.ts'

export const scenarios: readonly Scenario[] = [
  counts,
  orderedFolds,
  stages,
  tableJoin,
  windows,
  randomChain,
  streamJoins,
  tableRelations,
  timers,
]
