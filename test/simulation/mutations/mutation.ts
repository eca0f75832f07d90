/**
 * A deliberate defect: one place of the source in other words. Defects behind which a second guard
 * stands are not here: positions without a generation (producers are fenced too), an unknown
 * outcome taken for an abort (a roll-back compares positions). Unit and contract tests hold those.
 */
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
