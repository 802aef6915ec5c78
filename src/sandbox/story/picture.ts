import { styleText } from 'node:util'
import type { CanaryView, CheckView } from './canary-view.ts'
import type { ChatMessage } from './slack-receiver.ts'
import type { Totals, TrackView } from './tally.ts'

/** All that one frame of the live picture shows. */
export interface Scene {
  /** What the story is doing just now, in one line. */
  readonly act: string
  readonly elapsedMs: number
  readonly nowMs: number
  readonly canary: CanaryView
  readonly routedPercent: number | undefined
  readonly primaryTrack: TrackView
  readonly canaryTrack: TrackView
  readonly totals: Totals
  readonly events: readonly string[]
  readonly chat: readonly ChatMessage[]
}

type Colour = Parameters<typeof styleText>[0]
type Paint = (colour: Colour, text: string) => string

const barWidth = 40

/** A bar of two colours: what goes to the primary, what goes to the canary. */
const bar = (canaryPercent: number, paint: Paint): string => {
  const cells = Math.round((canaryPercent / 100) * barWidth)
  return paint('cyan', '█'.repeat(barWidth - cells)) + paint('yellow', '█'.repeat(cells))
}

const percent = (value: number | undefined, digits = 0): string => (value === undefined ? '–' : `${value.toFixed(digits)}%`)
const millis = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(0)} ms`)

const phaseColours: Readonly<Record<string, Colour>> = { Succeeded: 'green', Initialized: 'green', Failed: 'red', Waiting: 'magenta' }

const trackLine = (name: string, track: TrackView, paint: Paint): string => {
  const healthy = track.successPercent === undefined || track.successPercent >= 99
  const success = paint(healthy ? 'green' : 'red', percent(track.successPercent, 1).padStart(6))
  const version = (track.version || '–').padEnd(6)
  return `  ${name.padEnd(8)} ${version} ${track.perSecond.toFixed(0).padStart(4)} req/s   success ${success}   p99 ${millis(track.p99Ms).padStart(7)}`
}

const units: Readonly<Record<string, string>> = { 'request-success-rate': ' %', 'request-duration': ' ms' }

const limits = ({ name, min, max }: CheckView): string => {
  const unit = units[name] ?? ''
  return [min === undefined ? '' : `at least ${min}${unit}`, max === undefined ? '' : `at most ${max}${unit}`].filter(Boolean).join(', ')
}

const marks: Readonly<Record<string, readonly [Colour, string]>> = { pass: ['green', '✔'], fail: ['red', '✘'], fatal: ['red', '✘'] }

const checkLine = (check: CheckView, paint: Paint): string => {
  const [colour, mark] = marks[check.verdict] ?? ['yellow', '?']
  const value = check.value === undefined ? 'no answer' : `${Number(check.value.toFixed(2))}${units[check.name] ?? ''}`
  return `  ${paint(colour, mark)} ${check.name.padEnd(22)} ${value.padStart(10)}   wanted ${limits(check)}`
}

const inSeconds = (atMs: number, nowMs: number): string => `in ${Math.max(0, Math.ceil((atMs - nowMs) / 1000))} s`

/** What comes next, and when. */
const nextLine = ({ canary, nowMs }: Scene): string => {
  if (canary.hold) return `  holding: ${canary.hold}`
  if (canary.nextEvidenceAtMs !== undefined) {
    const prize = canary.nextWeight === undefined ? 'the version is promoted' : `${canary.nextWeight}% of the traffic`
    return `  next look ${inSeconds(canary.nextEvidenceAtMs, nowMs)}; if all is well: ${prize}`
  }
  return canary.state === canary.phase ? '  waiting for a new version' : `  ${canary.state}: goes on as soon as that is done`
}

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] => [
  '',
  paint('bold', title),
  ...(lines.length > 0 ? lines : [paint('dim', '  –')]),
]

/** The frame, line by line. Pure, so that a test can read it. */
export const draw = (scene: Scene, { width = 100, colours = true } = {}): readonly string[] => {
  const paint: Paint = colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_, text) => text
  const { canary, routedPercent, primaryTrack, canaryTrack, totals } = scene
  const phase = paint(phaseColours[canary.phase] ?? 'yellow', canary.phase || 'starting')
  const checks = canary.checks.map(check => checkLine(check, paint))
  return [
    `${paint('bold', 'Serin')}  ${scene.act}  ${paint('dim', `${(scene.elapsedMs / 1000).toFixed(0)} s`)}`,
    '',
    `  phase  ${phase}${canary.state === canary.phase ? '' : paint('dim', ` (${canary.state.split('.')[1]})`)}   failed checks ${canary.failedChecks} of ${canary.threshold}`,
    `  routed ${bar(routedPercent ?? 0, paint)}  ${paint('cyan', percent(100 - (routedPercent ?? 0)))} primary  ${paint('yellow', percent(routedPercent ?? 0))} canary`,
    `  served ${bar(canaryTrack.sharePercent, paint)}  ${paint('cyan', percent(primaryTrack.sharePercent))} primary  ${paint('yellow', percent(canaryTrack.sharePercent))} canary`,
    '',
    trackLine('primary', primaryTrack, paint),
    trackLine('canary', canaryTrack, paint),
    ...section('Checks', checks, paint),
    nextLine(scene),
    ...section(
      'What happened',
      scene.events.slice(-6).map(line => `  ${clip(line, width - 2)}`),
      paint,
    ),
    ...section(
      'Slack',
      scene.chat
        .slice(-4)
        .map(message => `  ${paint(message.color === 'danger' ? 'red' : 'green', '▌')} ${clip(chatText(message), width - 4)}`),
      paint,
    ),
    '',
    paint('dim', `  ${totals.requests} requests so far, ${totals.failed} failed`),
  ]
}

/** A chat message on one line, with the reason where it has one. */
export const chatText = ({ author, text, fields }: ChatMessage): string => {
  const reason = fields.find(([title]) => title === 'Reason')?.[1]
  return `${author}: ${text}${reason ? ` (${reason})` : ''}`
}
