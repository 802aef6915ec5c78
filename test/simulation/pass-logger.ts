import type { Io, LogFields, Logger } from '../../src/io.ts'

/** About which Canary each logger speaks: every request carries that of its pass. */
const canaries = new WeakMap<Logger, string>()

/** What is below `info` is not written where people read it. */
export const loggerTo = (tell: (fields: LogFields, message: string) => void, canary = ''): Logger => {
  const log: Logger = {
    debug() {},
    info: tell,
    warn: tell,
    error: tell,
    child: ({ canary: another = canary }: LogFields & { readonly canary?: unknown }) => loggerTo(tell, String(another)),
  }
  canaries.set(log, canary)
  return log
}

/** The Canary whose pass sends a request; empty where no pass does. */
export const canaryBehind = ({ log }: Io): string => canaries.get(log) ?? ''
