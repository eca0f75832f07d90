/** Entry of a worker thread: one worker, driven by messages (`app/thread-slot.ts`). */
import { parentPort, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { connect } from './app/connect.ts'
import { openTaskStates } from './app/task-states.ts'
import { LocalSlot } from './app/local-slot.ts'
import type { Asked, Question, ThreadStart, Told } from './app/thread-slot.ts'
import type { Slot } from './app/slot.ts'
import { loadTopology } from './cli/load-topology.ts'
import { systemEnv } from './env/system.ts'
import { assertNever } from './model/errors.ts'
import { planTopology } from './plan/plan-topology.ts'
import { withTopics } from './topology/patterns.ts'
import { Worker } from './worker/worker.ts'

const port = parentPort
if (port === null) throw new Error('thread.js runs as a worker thread only')
const tell = (told: Told): void => port.postMessage(told)

try {
  const slot = await startSlot(workerData)
  port.on('message', ({ id, question }: Asked) => {
    answer(slot, question).then(
      (value) => tell({ kind: 'answer', id, value }),
      (error: Error) => tell({ kind: 'refused', id, error }),
    )
  })
  await slot.done
  tell({ kind: 'ended', error: undefined })
} catch (error) {
  tell({ kind: 'ended', error: error instanceof Error ? error : new Error(String(error)) })
} finally {
  port.close()
}

async function startSlot(start: ThreadStart): Promise<Slot> {
  const { settings, counts, processId, directory, slot, instanceId, endpoint, module } = start
  const topology = await loadTopology(fileURLToPath(module))
  const named = { ...topology, name: settings.applicationId ?? topology.name }
  const plan = planTopology(withTopics(named, start.matched))
  const fields = { application: plan.application }
  const env = systemEnv({ logLevel: settings.logLevel, fields })
  const states = await openTaskStates({ env, settings, plan, directory, slot })
  const client = await connect(settings, env)
  const onRebalanced = () => tell({ kind: 'rebalanced' })
  const identity = { processId, slot, instanceId, endpoint }
  const parts = { env, settings, plan, counts, client, states, ...identity, onRebalanced }
  // The output's topics have to be known before the first record is written.
  await client.admin.describeTopics(Array.from(counts.keys()))
  return new LocalSlot(new Worker(parts), client, env.metrics)
}

function answer(slot: Slot, question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'stop':
      return slot.stop(question.options)
    case 'view':
      return slot.view()
    case 'metrics':
      return slot.metrics()
    case 'ask':
      return slot.ask(question.question)
    case 'places':
      return slot.places()
    default:
      return assertNever(question)
  }
}
