import { constants, fstatSync, openSync, writeSync } from 'node:fs'

/** Where lines go, each with its line end. */
export interface LineSink {
  write(line: string): unknown
  /** Hears how many lines were lost, as soon as there is a place to say it. */
  onLost?(handler: (lines: number) => void): void
}

/** Writes as many of the bytes as there is room for; how many that were. Throws where there is none. */
export type Take = (bytes: Uint8Array) => number

/** So much waits while standard error takes nothing; what comes then is lost. */
const longestBacklogBytes = 256 * 1024

/**
 * Lines in their order, each tried at once: one that was written when the process dies is out. Where there is no room (a full disk, a pipe that
 * nobody reads) they wait for the next line to be tried again, and what does not fit is counted. Nothing is ever waited for.
 */
export const patientSink = (take: Take, limitBytes = longestBacklogBytes): LineSink => {
  const waiting: Uint8Array[] = []
  let waitingBytes = 0
  let lost = 0
  let tell: (lines: number) => void = () => {}

  const takeFirst = (bytes: Uint8Array): void => {
    const taken = take(bytes)
    waitingBytes -= taken
    if (taken < bytes.length) waiting[0] = bytes.subarray(taken)
    else waiting.shift()
  }

  /** Whether nothing waits any more. */
  const drain = (): boolean => {
    try {
      for (let [first] = waiting; first; [first] = waiting) takeFirst(first)
      return true
    } catch {
      return false // there is no place left to say why
    }
  }

  const tellLost = (): void => {
    const lines = lost
    lost = 0
    if (lines > 0) tell(lines)
  }

  return {
    write: line => {
      const bytes = Buffer.from(line)
      const hasRoom = waitingBytes + bytes.length <= limitBytes || drain()
      if (hasRoom) {
        waiting.push(bytes)
        waitingBytes += bytes.length
      } else lost += 1
      if (hasRoom && drain()) tellLost()
    },
    onLost: handler => {
      tell = handler
    },
  }
}

const standardErrorFd = 2
const withoutWaiting = constants.O_WRONLY | constants.O_NONBLOCK

/** A pipe is opened once more, for there is no other way to have it refuse instead of letting us wait; everything else refuses by itself. */
const openStandardError = (): number => {
  try {
    return fstatSync(standardErrorFd).isFIFO() ? openSync(`/proc/self/fd/${standardErrorFd}`, withoutWaiting) : standardErrorFd
  } catch {
    return standardErrorFd // no such folder, or not our pipe: then we wait for who reads it
  }
}

/** The way to standard error that survives an exit. Neither a full disk nor a pipe that nobody reads costs more than lines. */
export const standardError = (): LineSink => {
  const fd = openStandardError()
  return patientSink(bytes => writeSync(fd, bytes))
}
