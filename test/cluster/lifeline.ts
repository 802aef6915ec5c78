/** Where something answers inside the cluster's network, by what it is. */
export type Addresses = Readonly<Record<string, string>>

/** What the process inside the namespaces tells the one outside. */
export interface Ready {
  readonly sessionFile: string
  readonly addresses: Addresses
}

/** Aborts when the process outside wants that, or is no more, however it ended: the kernel closes the channel between the two. */
export const watchLifeline = (): AbortSignal => {
  const end = new AbortController()
  const cut = () => end.abort(new Error('interrupted'))
  process.on('SIGTERM', cut).on('SIGINT', cut).once('disconnect', cut)
  return end.signal
}

export const reportReady = (ready: Ready): void => void process.send?.(ready)

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
