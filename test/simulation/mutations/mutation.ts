/**
 * A deliberate defect: a few places of the source in other words. Where the source guards against
 * something twice, a defect takes both guards away: each alone is harmless, and unit tests hold
 * each.
 */
export interface Mutation {
  readonly name: string
  readonly edits: readonly [Edit, ...Edit[]]
  /** Where it shows; the others need not be looked through. @default all */
  readonly scenario?: string
}

export interface Edit {
  /** From the checkout. */
  readonly file: string
  /** Occurs once in the file; several lines as a list. */
  readonly find: string | readonly string[]
  readonly replace: string | readonly string[]
}
