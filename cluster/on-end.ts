/**
 * What has to be undone however this process ends. A `SIGKILL` cannot be caught: for that case
 * processes run on a leash (`leash.ts`) and directories have a janitor (`scratch.ts`), both of
 * which notice that their pipe to us is closed.
 */
export interface Undo {
  /** Quick and synchronous: also run while the process is exiting. */
  readonly now: () => void
  /** Run first, and awaited, when there is still time: after a signal. */
  readonly gently?: () => Promise<void>
}

const undos = new Set<Undo>()
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const
const gentleMs = 5_000
let listening = false
let ending = false

/**
 * Registers an undo, newest first at the end; the returned function takes it off the list again.
 */
export function onEnd(undo: Undo): () => void {
  listen()
  undos.add(undo)
  return () => undos.delete(undo)
}

/** Undoes everything and exits. A second signal does not wait for the gentle part. */
async function end(code: number): Promise<never> {
  if (!ending) {
    ending = true
    const gentle = newestFirst().map((undo) => undo.gently?.() ?? Promise.resolve())
    const patience = new Promise((resolve) => setTimeout(resolve, gentleMs))
    await Promise.race([Promise.allSettled(gentle), patience])
  }
  process.exit(code)
}

function listen(): void {
  if (listening) return
  listening = true
  for (const [signal, number] of Object.entries(signals)) {
    process.on(signal, () => void end(128 + number))
  }
  process.on('exit', () => {
    for (const undo of newestFirst()) undo.now()
  })
}

function newestFirst(): readonly Undo[] {
  return [...undos].reverse()
}
