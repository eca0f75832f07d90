import { styleText } from 'node:util'
import type { WorkerProgress } from './progress.ts'

export interface WorkerLine {
  readonly name: string
  /** `running`, `killed`, … as the demo knows it. */
  readonly state: string
  readonly progress: WorkerProgress | undefined
}

export interface Picture {
  readonly seconds: number
  readonly linesProduced: number
  readonly linesTotal: number
  /** Input lines whose effects are committed. */
  readonly linesCommitted: number
  readonly workers: readonly WorkerLine[]
}

const barWidth = 30
const plainEveryMs = 1_000

/** Draws the picture again in its place on a terminal; elsewhere a plain line now and then. */
export class View {
  readonly #out: NodeJS.WriteStream
  #drawn = 0
  #lastPlain = Number.NEGATIVE_INFINITY

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** A line that stays. */
  say(line: string): void {
    this.#erase()
    this.#out.write(`${line}\n`)
  }

  show(picture: Picture): void {
    if (!this.#out.isTTY) {
      const now = performance.now()
      if (now - this.#lastPlain < plainEveryMs) return
      this.#lastPlain = now
      this.#out.write(`${plain(picture)}\n`)
      return
    }
    this.#erase()
    const lines = drawn(picture, this.#out.columns)
    this.#out.write(lines.map((line) => `${line}\n`).join(''))
    this.#drawn = lines.length
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`)
    this.#drawn = 0
  }
}

/** Lines that are cut to the terminal's width: a wrapped one could not be drawn over. */
function drawn(picture: Picture, width: number): readonly string[] {
  const { linesProduced, linesTotal, linesCommitted, seconds, workers } = picture
  const bar = (part: number) => {
    const filled = Math.round((part / linesTotal) * barWidth)
    return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`
  }
  const lines = [
    `  written   ${bar(linesProduced)} ${count(linesProduced)} of ${count(linesTotal)} lines`,
    `  committed ${bar(linesCommitted)} ${count(linesCommitted)}   ${seconds.toFixed(0)} s`,
    ...workers.map((worker) => `  ${described(worker)}`),
  ]
  return lines.map((line, i) => {
    const cut = line.slice(0, width - 1)
    const down = (workers[i - 2]?.state ?? 'running') !== 'running'
    return down ? styleText('red', cut) : cut
  })
}

function plain({ seconds, linesProduced, linesCommitted, workers }: Picture): string {
  const lines = `written ${count(linesProduced)}, committed ${count(linesCommitted)} lines`
  return `${seconds.toFixed(0).padStart(3)} s  ${lines}  ${workers.map(described).join('  ')}`
}

function described({ name, state, progress }: WorkerLine): string {
  if (progress === undefined || state !== 'running') return `[${name} ${state}]`
  const { records, rate, lag, epoch, tasks, rebalances } = progress
  const volume = `${count(records)} records, ${count(rate)}/s, lag ${count(lag)}`
  const place = `epoch ${epoch ?? '–'}, ${tasks} tasks, ${rebalances} rebalances`
  return `[${name} ${progress.phase}: ${volume}, ${place}]`
}

function count(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}
