import { fileURLToPath } from 'node:url'

/** The checkout's top folder, seen from `dist/cluster/`. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
