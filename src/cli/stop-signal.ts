/** Resolves when the process is asked to stop (Ctrl-C, SIGTERM); a second time ends it at once. */
export function asksToStop(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

/**
 * The same below a process that gets the terminal's Ctrl-C too and passes it on in its own time.
 */
export function parentStops(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => undefined)
    process.once('disconnect', () => resolve())
    process.once('SIGTERM', () => {
      resolve()
      // The channel to the parent would keep this process alive.
      if (process.connected) process.disconnect()
    })
  })
}
