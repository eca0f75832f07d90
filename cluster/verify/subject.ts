/** The word count that is run and verified: `topologies/word-count.ts`, or one of its shape. */
export interface Subject {
  readonly input: string
  readonly output: string
  /** Also its consumer group. */
  readonly application: string
}

/**
 * Topics that it owns, by their documented names. They are written down here: the engine is not
 * asked, because it is what is verified; nor is the cluster searched for a prefix, because others
 * may have topics of a like name on a shared one.
 */
const grouping = 'by-word'
const store = 'counts'

/** All that it has to work off. */
export function topicsToWorkOff({ application, input }: Subject): readonly string[] {
  return [input, `${application}-${grouping}-repartition`]
}

/** All that it writes in its transactions, positions aside. */
export function topicsWritten({ application, output }: Subject): readonly string[] {
  return [output, `${application}-${grouping}-repartition`, `${application}-${store}-changelog`]
}
