/** What happens to a record whose user function throws, or whose bytes its serde refuses. */
export type ErrorPolicy = 'fail' | 'skip' | { readonly deadLetter: string }

/** When a table tells its changes: each one, or the last of a key and epoch. */
export type Emit = 'update' | 'commit'
