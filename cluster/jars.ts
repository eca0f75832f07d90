import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { kafkaVersion, type Progress } from './kafka.ts'
import { runToEnd } from './leash.ts'
import { onEnd } from './on-end.ts'
import { projectRoot } from './root.ts'

/** A copy that was left behind by a crash is cleared away after this time. */
const staleMs = 3_600_000

/** Where jars are kept between runs: `MILLRACE_CACHE`, or `~/.cache/millrace`. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  return env['MILLRACE_CACHE'] ?? join(homedir(), '.cache', 'millrace')
}

/** A set of jars, as a pom file names them. */
export interface Jars {
  /** Of its directory in the cache, with the version. */
  readonly name: string
  /** The pom file, from the checkout. */
  readonly pom: string
}

/** The directory with Apache Kafka's jars. */
export function kafkaJars(env: NodeJS.ProcessEnv, progress: Progress): Promise<string> {
  return jarsOf({ name: `kafka-${kafkaVersion}`, pom: 'docker/kafka/pom.xml' }, env, progress)
}

/**
 * A directory of jars, copied from Maven Central by Maven (which checks the sums) when it is
 * absent. A copy becomes visible only when it is complete: it is made beside the final place and
 * renamed; of two copies made at the same time the first one wins.
 */
export async function jarsOf(
  { name, pom }: Jars,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<string> {
  const cache = cacheDirectory(env)
  const jars = join(cache, name)
  if (existsSync(jars)) return jars
  await mkdir(cache, { recursive: true })
  await clearStale(cache)
  progress(`copying ${name} from Maven Central into ${jars}`)
  const copy = await mkdtemp(join(cache, `.${name}-`))
  const clear = () => rmSync(copy, { recursive: true, force: true })
  const forget = onEnd({ now: clear })
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${copy}`]
    await runToEnd('mvn', ['-q', '-B', '-f', join(projectRoot, pom), ...goal])
    await rename(copy, jars).catch((error: unknown) => {
      if (!existsSync(jars)) throw error
    })
  } finally {
    forget()
    clear()
  }
  return jars
}

async function clearStale(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.kafka-')) continue
    const path = join(cache, name)
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > staleMs) await rm(path, { recursive: true, force: true })
  }
}
