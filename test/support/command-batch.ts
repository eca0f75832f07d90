/**
 * Runs the command lines of its argument, a JSON list of lists, and prints how each ended as JSON.
 */
import { runCommandLine } from '../../src/cli/command-line.ts'

const lines: readonly (readonly string[])[] = JSON.parse(process.argv[2] ?? '[]')
const print = process.stdout.write.bind(process.stdout)
const ended: { code: number; stdout: string; stderr: string }[] = []
for (const args of lines) {
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (chunk: string | Uint8Array) => {
      text[stream] += String(chunk)
      return true
    }
  }
  ended.push({ code: await runCommandLine(args), ...text })
}
print(JSON.stringify(ended))
