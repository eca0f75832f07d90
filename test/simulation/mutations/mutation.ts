/** A deliberate defect: one place of the source in other words. */
export interface Mutation {
  readonly name: string
  /** From the checkout. */
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
}
