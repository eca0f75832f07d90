/** What happens to a record whose user function throws, or whose bytes its serde refuses. */
export type ErrorPolicy = 'fail' | 'skip' | { readonly deadLetter: string }

/**
 * When a table tells its changes: each record's, those by which its value is another one (KIP-557),
 * or the last of a key and epoch.
 */
export type Emit = 'update' | 'change' | 'commit'
