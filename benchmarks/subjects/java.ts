/** Java programs among the subjects. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runToEnd } from '../../cluster/leash.ts'
import { projectRoot } from '../../cluster/root.ts'
import { javaGcFlag } from '../harness/gc-time.ts'
import type { SubjectCommand } from '../harness/subject-process.ts'
import type { SubjectRun } from './subject.ts'

export interface JavaProgram {
  readonly mainClass: string
  readonly classPath: string
}

/**
 * Compiles before the measurement, so that no run pays for it.
 * @param source From the checkout; named after its main class, with others beside it.
 */
export async function compileJava(
  source: string,
  jars: string,
  scratch: string,
): Promise<JavaProgram> {
  const mainClass = source.split('/').at(-1)?.replace('.java', '') ?? ''
  const classes = join(scratch, `classes-${mainClass}`)
  mkdirSync(classes, { recursive: true })
  const libraries = join(jars, '*')
  const path = join(projectRoot, source)
  await runToEnd('javac', ['-cp', libraries, '-sourcepath', dirname(path), '-d', classes, path])
  return { mainClass, classPath: `${classes}:${libraries}` }
}

export function javaCommand(
  program: JavaProgram,
  run: SubjectRun,
  jvm: readonly string[],
  args: readonly string[],
): SubjectCommand {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const options = [...jvm, quiet, javaGcFlag(run.gcDirectory), '-cp', program.classPath]
  return { program: 'java', args: [...options, program.mainClass, ...args] }
}
