import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isKafkaKind, type KafkaKind, messageOf, type RunningKafka } from '../cluster/kafka.ts'
import { apacheKafka, launchKafka } from '../cluster/launch.ts'
import { leash } from '../cluster/leash.ts'
import { projectRoot } from '../cluster/root.ts'
import { scratchDirectory } from '../cluster/scratch.ts'
import { addUp, type JestResults, noTests, type Tally, tally } from './tally.ts'

const withoutKafka = ['unit', 'property', 'golden', 'types', 'tidy']
const withKafka = ['contract', 'integration']
/** Between jest's last word and its end. */
const lingerMs = 10_000

interface Options {
  readonly kafka: KafkaKind | undefined
  readonly requireKafka: boolean
  /** Handed to jest: only files whose path matches one of them. */
  readonly patterns: readonly string[]
}

/**
 * Runs the layers that need nothing, then, with a Kafka where one is to be had, the layers that
 * use it. The last line is `N passed, N failed`, with `, N skipped` where something was.
 * @returns The exit code: 0 only if nothing failed.
 */
export async function runTests(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  const scratch = scratchDirectory('test')
  const jest = (projects: readonly string[], env: Readonly<Record<string, string>>) =>
    runJest(projects, options.patterns, env, join(scratch.path, `${projects[0]}.json`))
  let total = await jest(withoutKafka, {})
  const launch = await launchForTests(options)
  const env = launch.kind === 'running' ? kafkaEnvironment(launch.kafka) : {}
  total = addUp(total, await jest(withKafka, env))
  if (launch.kind === 'running') await launch.kafka.stop()
  scratch.remove()

  const reason = launch.kind === 'none' ? launch.reason : undefined
  if (reason !== undefined && options.requireKafka) {
    say(`\nFAILED: --require-kafka was given, but there is no Kafka: ${reason}`)
    total = addUp(total, { ...noTests, failed: 1 })
  }
  reportSkipped(total, reason)
  const skipped = total.skipped.length === 0 ? '' : `, ${total.skipped.length} skipped`
  say(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
  return total.failed === 0 ? 0 : 1
}

function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { kafka: { type: 'string' }, 'require-kafka': { type: 'boolean', default: false } },
  })
  const { kafka } = values
  if (kafka !== undefined && (!isKafkaKind(kafka) || kafka === 'embedded')) {
    throw new Error(`--kafka=${kafka}: external, docker or java`)
  }
  return { kafka, requireKafka: values['require-kafka'], patterns: positionals }
}

function launchForTests(options: Options): ReturnType<typeof launchKafka> {
  return launchKafka({
    ...(options.kafka === undefined ? {} : { force: options.kafka }),
    acceptable: apacheKafka,
    progress: (message) => say(`Kafka: ${message}`),
  }).catch((error: unknown) => ({ kind: 'none', reason: messageOf(error) }))
}

/** Suites read these; see kafka.ts. */
function kafkaEnvironment(kafka: RunningKafka): Readonly<Record<string, string>> {
  return { MILLRACE_TEST_BROKERS: kafka.brokers, MILLRACE_TEST_KAFKA: kafka.kind }
}

async function runJest(
  projects: readonly string[],
  patterns: readonly string[],
  env: Readonly<Record<string, string>>,
  resultFile: string,
): Promise<Tally> {
  let lingering: NodeJS.Timeout | undefined
  const program = await leash(process.execPath, jestArguments(projects, patterns, resultFile), {
    cwd: projectRoot,
    env: process.stdout.isTTY ? { ...env, FORCE_COLOR: '1' } : env,
    onLine: (line) => {
      if (!line.startsWith('Test results written to')) return say(line)
      // What a suite left open would keep jest, and us, for ever.
      lingering = setTimeout(() => program.signal('SIGKILL'), lingerMs)
    },
  })
  const { code } = await program.exited
  clearTimeout(lingering)
  if (!existsSync(resultFile)) {
    say(`FAILED: jest ended with code ${code} and left no results`)
    return { ...noTests, failed: 1 }
  }
  return tally(JSON.parse(readFileSync(resultFile, 'utf8')) as JestResults, code)
}

function jestArguments(
  projects: readonly string[],
  patterns: readonly string[],
  resultFile: string,
): readonly string[] {
  const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js')
  const args = ['--experimental-vm-modules', '--no-warnings', jest]
  args.push('--passWithNoTests', '--json', '--outputFile', resultFile)
  // A broker and what is tested against it share the cores already.
  if (projects === withKafka) args.push('--runInBand')
  args.push('--selectProjects', ...projects)
  if (patterns.length > 0) args.push('--testPathPatterns', ...patterns)
  return args
}

function reportSkipped(total: Tally, reason: string | undefined): void {
  if (total.skipped.length === 0) return
  say(`\nSKIPPED ${total.skipped.length} tests${reason === undefined ? '' : `: ${reason}`}`)
  for (const name of total.skipped) say(`  skipped: ${name}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
