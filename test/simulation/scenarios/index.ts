import type { Scenario } from '../scenario.ts'
import { bulk } from './bulk.ts'
import { counts } from './counts.ts'
import { orderedFolds } from './ordered-folds.ts'
import { randomTopology } from './random-topology.ts'
import { reminders } from './reminders.ts'
import { sessions } from './sessions.ts'
import { stages } from './stages.ts'
import { stragglers } from './stragglers.ts'
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
  randomTopology,
  streamJoins,
  tableRelations,
  timers,
  reminders,
  sessions,
  stragglers,
  bulk,
]
