/** Millrace's side: a topology in its `TopologyTestDriver`, a record at a time. */
import { bytes, string, topology } from 'millrace'
import { TopologyTestDriver } from 'millrace/testing'
import type { ParityRecord } from './inputs.ts'
import { type Line, wordOf } from './java-twins.ts'
import type { Build } from './twins/text.ts'

const outputs = ['other', 'out']
const raw = { key: bytes, value: bytes }

/** The topics that a topology reads. */
export function topicsOf(name: string, build: Build): readonly string[] {
  const { nodes } = topology(name, { key: string, value: string }, build)
  return [...new Set(nodes.flatMap((node) => (node.kind === 'source' ? node.topics : [])))]
}

/** For each input record what came of it. */
export function askMillrace(
  name: string,
  build: Build,
  input: readonly ParityRecord[],
): readonly (readonly Line[])[] {
  const built = topology(name, { key: string, value: string }, build)
  const driver = new TopologyTestDriver(built)
  const written = built.nodes.flatMap((node) => (node.kind === 'sink' ? node.spec.topics : []))
  const readers = outputs
    .filter((topic) => written.includes(topic))
    .map((topic) => ({ topic, output: driver.output(topic, raw) }))
  return input.map(({ topic, key, value, timestamp }) => {
    driver.input(topic).sendBytes({ key, value, timestamp })
    return readers.flatMap(({ topic: from, output }) =>
      output
        .readAll()
        .map(
          (record) => `${from} ${wordOf(record.key)} ${wordOf(record.value)} ${record.timestamp}`,
        ),
    )
  })
}
