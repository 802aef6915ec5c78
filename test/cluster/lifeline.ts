import { once } from 'node:events'

/** What the process inside the namespaces tells the one outside. */
export interface ReadyMessage {
  readonly kind: 'ready'
  readonly sessionFile: string
}

/** Ends when the process outside wants that, or is no more, however it ended: the kernel closes the channel between the two. */
export const endOfLifeline = async (): Promise<void> => {
  const ends = ['SIGTERM', 'SIGINT'].map(signal => once(process, signal))
  await Promise.race(process.connected ? [once(process, 'disconnect'), ...ends] : ends)
}

export const reportReady = (sessionFile: string): void => {
  const message: ReadyMessage = { kind: 'ready', sessionFile }
  process.send?.(message)
}

/** Lets our process end: an open channel would hold it. */
export const letGo = (): void => {
  if (process.connected) process.disconnect()
}
