/** Which broker coordinates a group or a transactional id; kept until an answer says otherwise. */
import { type NodeId, nodeId } from '../../model/ids.ts'
import { errorCode, kafkaError } from '../protocol/error-codes.ts'
import { findCoordinator } from '../protocol/messages/index.ts'
import type { KafkaWire } from '../wire.ts'
import { check } from './failure.ts'
import type { Metadata } from './metadata.ts'
import type { Requests } from './request.ts'

export type CoordinatorKind = 'group' | 'transaction'

const coordinatorNotAvailable = errorCode('COORDINATOR_NOT_AVAILABLE')
const keyTypes = { group: 0, transaction: 1 } as const
const attemptMs = 5_000

export class Coordinators {
  readonly #wire: KafkaWire
  readonly #requests: Requests
  readonly #metadata: Metadata
  readonly #timeoutMs: number
  readonly #found = new Map<string, Promise<NodeId>>()

  constructor(wire: KafkaWire, requests: Requests, metadata: Metadata, timeoutMs: number) {
    this.#wire = wire
    this.#requests = requests
    this.#metadata = metadata
    this.#timeoutMs = timeoutMs
  }

  /** @throws StreamError when none is told within the time-out. */
  of(kind: CoordinatorKind, key: string, timeoutMs = this.#timeoutMs): Promise<NodeId> {
    const name = `${kind} ${key}`
    const present = this.#found.get(name)
    if (present !== undefined) return present
    const finding = this.#find(kind, key, timeoutMs)
    this.#found.set(name, finding)
    finding.catch(() => {
      if (this.#found.get(name) === finding) this.#found.delete(name)
    })
    return finding
  }

  /** The next question asks the cluster again. */
  forget(kind: CoordinatorKind, key: string): void {
    this.#found.delete(`${kind} ${key}`)
  }

  #find(kind: CoordinatorKind, key: string, timeoutMs: number): Promise<NodeId> {
    const doing = `finding the coordinator of ${kind} ${key}`
    // A cluster that has never had a group or transaction makes its topic at the first question.
    return this.#requests.retrying({ doing, timeoutMs }, async (remainingMs) => {
      const answer = await this.#requests.send(findCoordinator, {
        node: this.#wire.anyNode(),
        min: 1,
        message: { key, keyType: keyTypes[kind], coordinatorKeys: [key] },
        timeoutMs: Math.min(remainingMs, attemptMs),
      })
      const [one] = answer.coordinators
      const told = one ?? answer
      check(told.errorCode, doing, {}, told.errorMessage)
      const node = nodeId(told.nodeId)
      if (!(await this.#metadata.knows(node))) {
        throw kafkaError(coordinatorNotAvailable, { doing, where: { node: String(node) } })
      }
      return node
    })
  }
}
