import { parseArgs } from 'node:util'
import { messageOf } from '../../cluster/kafka.ts'
import { launchKafka } from '../../cluster/launch.ts'
import { runChaos } from './chaos.ts'
import { subjects } from './subjects/index.ts'

/** @returns The exit code: 0 only if the outputs are what they should be and no worker failed. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      'commit-interval': { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      subject: { type: 'string', default: 'word-count' },
      kafka: { type: 'string' },
      brokers: { type: 'string', default: '1' },
    },
  })
  const { kafka: force } = values
  if (force !== undefined && force !== 'docker' && force !== 'java') {
    say(`--kafka=${force}: docker or java, for the broker is killed`)
    return 2
  }
  const subject = subjects.get(values.subject)
  if (subject === undefined) {
    say(`--subject=${values.subject}: one of ${[...subjects.keys()].join(', ')}`)
    return 2
  }
  const rounds = Number(values.rounds)
  const seed = Number(values.seed)
  const commitIntervalMs = Number(values['commit-interval'])
  const brokers = Number(values.brokers)
  say(
    `chaos: ${values.subject}, seed ${seed}, ${rounds} rounds, ` +
      `commit interval ${commitIntervalMs} ms, brokers: ${brokers}`,
  )
  const launch = await launchKafka({
    ...(force === undefined ? {} : { force }),
    acceptable: ['docker', 'java'],
    brokers,
    progress: (message) => say(`Kafka: ${message}`),
  })
  if (launch.kind === 'none') {
    say(`no Kafka of our own: ${launch.reason}`)
    return 1
  }
  const { kafka } = launch
  try {
    const { verdict, failures } = await runChaos({
      kafka,
      subject,
      seed,
      rounds,
      commitIntervalMs,
      log: say,
    })
    for (const failure of failures) say(`FAILED: ${failure}`)
    for (const problem of verdict.problems) say(`WRONG: ${problem}`)
    say(JSON.stringify(verdict.compared))
    const equal = verdict.problems.length === 0
    say(equal ? 'EQUAL: the outputs are what they have to be, once.' : 'NOT EQUAL.')
    return equal && failures.length === 0 ? 0 : 1
  } catch (error) {
    say(`FAILED: ${messageOf(error)}`)
    return 1
  } finally {
    await kafka.stop()
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
