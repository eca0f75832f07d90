/** A group of workers reduced to their membership, and a ledger of who runs what. */
import type { TaskId } from '../../src/model/ids.ts'
import { type RigGroup, RigMember, type RigMemberOptions } from '../support/rig-member.ts'
import type { ConnectOptions, ContractBroker } from './brokers.ts'

/** One group over a topic; knows at any time which member runs a task, and every clash. */
export class GroupRig implements RigGroup {
  readonly groupId: string
  readonly topic: string
  readonly tasks: number
  readonly clashes: string[] = []
  readonly #broker: ContractBroker
  readonly #owners = new Map<TaskId, string>()

  constructor(
    broker: ContractBroker,
    topic: string,
    tasks: number,
    groupId = broker.unique('group'),
  ) {
    this.#broker = broker
    this.groupId = groupId
    this.topic = topic
    this.tasks = tasks
  }

  /** A member with a client of its own, not started yet. */
  async member(name: string, options: RigMemberOptions & ConnectOptions = {}): Promise<RigMember> {
    const client = await this.#broker.connect(options)
    const made = new RigMember(this, name, options, (more) => client.member(more))
    this.#broker.closing(() => made.member.close())
    return made
  }

  get owners(): ReadonlyMap<TaskId, string> {
    return this.#owners
  }

  start(task: TaskId, name: string): void {
    const owner = this.#owners.get(task)
    if (owner !== undefined) this.clashes.push(`${task} is ${owner}'s, ${name} starts it`)
    this.#owners.set(task, name)
  }

  stop(task: TaskId, name: string): void {
    if (this.#owners.get(task) === name) this.#owners.delete(task)
  }
}
