/** A deliberate defect: one place of the source in other words. */
export interface Mutation {
  readonly name: string
  /** From the checkout. */
  readonly file: string
  /** Occurs once in the file; several lines as a list. */
  readonly find: string | readonly string[]
  readonly replace: string | readonly string[]
  /** Where it shows; the others need not be looked through. @default all */
  readonly scenario?: string
}
