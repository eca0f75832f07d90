import { systemEnv } from '../src/env/system.ts'

/** The system's clock and timers without a log: for tests that talk to real sockets. */
export const quietEnv = systemEnv({ logLevel: 'silent', seed: 1 })
