import type { Slot } from './slot.ts'

/** One operator at work: takes a record and hands its own to the next, at once. */
export interface Step {
  process(record: Slot): void
}

/** Where records go that nobody takes. */
export const nowhere: Step = { process: () => undefined }

/** Hands each record to every branch, in the order of the topology. */
export class Fork implements Step {
  readonly #branches: readonly Step[]

  constructor(branches: readonly Step[]) {
    this.#branches = branches
  }

  process(record: Slot): void {
    for (const branch of this.#branches) branch.process(record)
  }
}

/** One step out of as many as follow. */
export function forkTo(branches: readonly Step[]): Step {
  const [first, second] = branches
  if (first === undefined) return nowhere
  return second === undefined ? first : new Fork(branches)
}
