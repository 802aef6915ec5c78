import { createLogUpdate } from 'log-update'
import type { Io } from '../../io.ts'
import { draw, type Scene } from './picture.ts'

/** Where the story is told: a live picture on a terminal, plain lines anywhere else. */
export interface Screen {
  /** A line that stays. On a terminal it only shows when the picture is over. */
  say(line: string): void
  /** Draws until the returned function is called. */
  show(scene: () => Scene): () => void
  /** Something that the picture shows anyway: printed only where there is none. */
  hear(line: string): void
  /** Whether there is a picture, and not lines only. */
  readonly isLive: boolean
}

export interface ScreenOptions {
  readonly output: NodeJS.WriteStream
  readonly io: Pick<Io, 'clock'>
}

const frameMs = 250
const plainMs = 5000

export const createScreen = ({ output, io }: ScreenOptions): Screen => {
  const say = (line: string): void => {
    output.write(`${line}\n`)
  }
  // A terminal without a size is none to draw on.
  const isTerminal = output.isTTY && (output.columns ?? 0) > 0
  if (isTerminal) return liveScreen({ output, io }, say)
  return { say, hear: say, show: scene => repeat(io, plainMs, () => say(plainLine(scene()))), isLive: false }
}

/** What a log keeps of a frame. */
const plainLine = ({ elapsedMs, canary, routedPercent, canaryTrack, totals }: Scene): string => {
  const success = canaryTrack.successPercent === undefined ? 'no traffic' : `${canaryTrack.successPercent.toFixed(1)}% ok`
  return [
    `[${(elapsedMs / 1000).toFixed(0).padStart(3)}s]`,
    canary.state.padEnd(22),
    `routed ${100 - (routedPercent ?? 0)}/${routedPercent ?? 0}`,
    `served ${100 - Math.round(canaryTrack.sharePercent)}/${Math.round(canaryTrack.sharePercent)}`,
    `canary ${canaryTrack.version || '-'} ${success}`,
    `${totals.requests} requests, ${totals.failed} failed`,
  ].join('  ')
}

const liveScreen = ({ output, io }: ScreenOptions, say: (line: string) => void): Screen => {
  const update = createLogUpdate(output)
  const kept: string[] = []
  let drawing = false
  return {
    isLive: true,
    hear: () => {},
    say: line => {
      if (drawing) kept.push(line)
      else say(line)
    },
    show: scene => {
      drawing = true
      const stop = repeat(io, frameMs, () => update(draw(scene(), { width: output.columns }).join('\n')))
      return () => {
        stop()
        drawing = false
        update.done()
        for (const line of kept.splice(0)) say(line)
      }
    },
  }
}

const repeat = ({ clock }: Pick<Io, 'clock'>, everyMs: number, task: () => void): (() => void) => {
  let stopped = false
  const again = (): void => {
    if (stopped) return
    task()
    cancel = clock.schedule(everyMs, again)
  }
  let cancel = (): void => {}
  again()
  return () => {
    stopped = true
    cancel()
    task()
  }
}
