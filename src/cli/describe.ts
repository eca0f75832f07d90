/** `describe` and `explain`: what a topology is and what it becomes, without running it. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { describe, type DescribeFormat } from '../plan/describe.ts'
import { explain } from '../plan/explain.ts'
import { loadTopology } from './load-topology.ts'

const formats: readonly DescribeFormat[] = ['text', 'mermaid', 'json']

export function addDescribeCommands(root: Command): void {
  root
    .command('describe <file>')
    .description('draw the topology of a file: operators, topics, sub-topologies')
    .addOption(new Option('--format <format>', 'how to draw it').choices(formats).default('text'))
    .action(async (file: string, { format }: { readonly format: DescribeFormat }) => {
      process.stdout.write(describe(await loadTopology(file), format))
    })
  root
    .command('explain <file>')
    .description('say what the topology becomes: tasks, topics, stores, serdes and why')
    .option(
      '--partitions <topic=count…>',
      'partitions of input and output topics, to count tasks: lines=4,words=4',
      partitionCounts,
    )
    .action(async (file: string, options: { readonly partitions?: PartitionCounts }) => {
      const { partitions } = options
      const partitionsOf = partitions && ((topic: string) => partitions.get(topic))
      process.stdout.write(explain(await loadTopology(file), partitionsOf))
    })
}

type PartitionCounts = ReadonlyMap<string, number>

function partitionCounts(text: string): PartitionCounts {
  return new Map(
    text.split(',').map((pair) => {
      const match = /^([^=]+)=(\d+)$/.exec(pair.trim())
      if (match !== null) return [match[1] ?? '', Number(match[2])]
      throw new InvalidArgumentError(`"${pair}" is not topic=count.`)
    }),
  )
}
