import { expect, test } from '@jest/globals'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { string } from '../../../src/serde/text.ts'
import { createTask } from '../../../src/task/create-task.ts'
import { MemoryOutput } from '../../../src/testing/driver/memory-output.ts'
import { RecordLog } from '../../../src/testing/driver/record-log.ts'
import { topology } from '../../../src/topology/topology.ts'

const rows = topology('rows', (t) => {
  t.table('orders', { key: string, value: string }).to('out')
})

test('a position that is known late does not take back what a table was to be followed to', () => {
  const plan = planTopology(rows)
  const [subTopology] = plan.subTopologies
  if (subTopology === undefined) throw new Error('the plan is empty')
  const task = createTask({ plan, subTopology, partition: 0, output: new MemoryOutput() })
  const at = (offset: number) => [
    { topic: 'orders', partition: 0, offset, leaderEpoch: 0, metadata: '' },
  ]
  const log = new RecordLog()
  for (const key of ['a', 'b']) {
    const bytes = string.serialize(key)
    log.add({ key: bytes, value: bytes, timestamp: 1, headers: [] })
  }
  task.restoreNeeds(at(0))
  task.follow(at(2))
  task.follow(at(1))
  task.restore('orders', [log.read(0)], 2)
  expect(task.store('orders').entries()).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ])
})
