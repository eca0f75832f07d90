/** Apache Kafka's own Java client in a bare loop: what the client alone costs. */
import { kafkaJars } from '../../cluster/jars.ts'
import { compileJava, javaCommand } from './java.ts'
import type { Engine } from './subject.ts'

const heap = ['-Xms512m', '-Xmx512m']

export const copyLoop: Engine = {
  name: 'copy-loop',
  stores: [],
  workloads: ['forward'],
  async prepare({ scratch, say }) {
    const jars = await kafkaJars(process.env, say)
    const program = await compileJava('benchmarks/bound/CopyLoop.java', jars, scratch)
    return {
      command(run) {
        const topics = [run.inputs['events'] ?? '', run.output]
        const args = [run.brokers, ...topics, run.application, String(run.commitMs)]
        return javaCommand(program, run, heap, args)
      },
    }
  },
}
