import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../cluster/root.ts'
import { WorkerProcess } from '../cluster/worker-process.ts'
import { progressOf, type WorkerProgress } from './progress.ts'
import type { WorkerLine } from './view.ts'

const names = ['worker-1', 'worker-2'] as const
/** Between a kill and the next start. */
const downMs = 2_000

interface Member {
  readonly process: WorkerProcess
  state: 'running' | 'killed' | 'stopped'
  progress: WorkerProgress | undefined
}

/** The two worker processes of the demo, each with a state directory of its own. */
export class Crew {
  readonly #members: readonly Member[]

  constructor(brokers: string, directory: string) {
    const topology = join(projectRoot, 'topologies', 'word-count.ts')
    this.#members = names.map((name) => {
      const member: Member = {
        process: new WorkerProcess({
          name,
          topology,
          brokers,
          stateDirectory: join(directory, name),
          flags: ['--progress', 'json', '--log-level', 'warn'],
          onLine: (line) => {
            member.progress = progressOf(line) ?? member.progress
          },
        }),
        state: 'stopped',
        progress: undefined,
      }
      return member
    })
  }

  get lines(): readonly WorkerLine[] {
    return this.#members.map(({ process: { name }, state, progress }) => {
      return { name, state, progress }
    })
  }

  async startAll(): Promise<void> {
    for (const member of this.#members) await start(member)
  }

  /** Kills the first worker and starts it again after a while. @returns Its name. */
  async killFirst(onKilled: (name: string, epoch: number | undefined) => void): Promise<string> {
    const [member] = this.#members
    if (member === undefined) throw new Error('there is no worker')
    const epoch = member.progress?.epoch
    member.state = 'killed'
    await member.process.kill()
    onKilled(member.process.name, epoch)
    await sleep(downMs)
    await start(member)
    return member.process.name
  }

  /** @throws When a worker ended that nobody ended. */
  check(): void {
    for (const { process, state } of this.#members) {
      if (state !== 'running' || process.running) continue
      throw new Error(`${process.name} ended by itself:\n${process.lastWords.join('\n')}`)
    }
  }

  /** @throws When a worker does not stop cleanly. */
  async stopAll(): Promise<void> {
    for (const member of this.#members) member.state = 'stopped'
    const ends = await Promise.all(this.#members.map(({ process }) => process.stop()))
    for (const [i, { code }] of ends.entries()) {
      const { process } = this.#members[i] ?? {}
      if (code === 0) continue
      const words = process?.lastWords.join('\n')
      throw new Error(`${process?.name} was asked to stop and ended with ${code}:\n${words}`)
    }
  }
}

async function start(member: Member): Promise<void> {
  member.progress = undefined
  await member.process.start()
  member.state = 'running'
}
