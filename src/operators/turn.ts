/** What a task and its operators tell each other while it has its turn. */
export interface TaskTurn {
  /** The machine's clock at the beginning of the turn, milliseconds since 1970. */
  wallMs: number
  /** An operator wants what was processed so far to be committed soon. */
  commitAsked: boolean
}

export function newTaskTurn(): TaskTurn {
  return { wallMs: 0, commitAsked: false }
}
