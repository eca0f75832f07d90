/** What a task counts, as plain numbers; whoever publishes metrics reads them. */
export interface TaskCounters {
  /** Records taken from the inputs, skipped ones included, control records not. */
  processed: number
  /** Records that a `skip` policy left out. */
  skipped: number
  deadLettered: number
  /** Records without a key or value where an aggregation needs one. */
  dropped: number
  /** Records that came after all of their windows had closed. */
  late: number
  /** Offsets whose metadata had an unknown version: their watermark starts anew. */
  metadataIgnored: number
}

export function newTaskCounters(): TaskCounters {
  return { processed: 0, skipped: 0, deadLettered: 0, dropped: 0, late: 0, metadataIgnored: 0 }
}
