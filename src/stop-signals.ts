/** Resolves with the first SIGTERM or SIGINT. A second one ends the process at once. */
export const untilStopped = (): Promise<NodeJS.Signals> =>
  new Promise(resolve => {
    let asked = false
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1)
      asked = true
      resolve(signal)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
