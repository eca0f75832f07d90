/**
 * `@kafkats/flow`, the other Kafka Streams for Node, exactly once. It is installed into the cache
 * when it is first measured. What does not come out right there is not asked of it: it writes new
 * timestamps, so it forwards no record as it was, and windows after a repartition topic are wrong;
 * its joins do not wait for the table.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../cluster/jars.ts'
import { runToEnd } from '../../cluster/leash.ts'
import { nodeGc } from '../harness/gc-time.ts'
import type { FlowSettings } from './kafkats-flow/api.ts'
import type { Engine, SubjectRun } from './subject.ts'

const version = '0.12.0'
const packages = ['@kafkats/client', '@kafkats/flow', '@kafkats/flow-state-lmdb']
const main = fileURLToPath(new URL('./kafkats-flow/main.js', import.meta.url))

export const kafkatsFlow: Engine = {
  name: 'kafkats-flow',
  stores: ['memory', 'lmdb'],
  workloads: ['passthrough', 'count'],
  isSlow: true,
  async prepare({ say }) {
    const modules = await install(say)
    return {
      command: (run) => ({
        program: process.execPath,
        args: [...nodeGc.flags, main, modules, JSON.stringify(settings(run))],
        env: nodeGc.environment(run.gcDirectory),
      }),
    }
  },
}

function settings(run: SubjectRun): FlowSettings {
  const { inputs, gcDirectory: _, settings: __, ...rest } = run
  return { ...rest, events: inputs['events'] ?? '' }
}

/** The folder with its `node_modules`. */
async function install(say: (text: string) => void): Promise<string> {
  const folder = join(cacheDirectory(process.env), `kafkats-${version}`)
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return folder
  say(`installing ${packages.join(', ')} ${version} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  const dependencies = Object.fromEntries(packages.map((name) => [name, version]))
  const manifest = { name: 'kafkats', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts']
  await runToEnd('npm', ['install', '--prefix', folder, ...quiet])
  writeFileSync(complete, '')
  return folder
}
