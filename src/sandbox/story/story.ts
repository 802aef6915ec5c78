import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import type { CanaryView } from './canary-view.ts'
import { chatText, type Scene } from './picture.ts'
import { release, type Version } from './release.ts'
import type { Screen } from './screen.ts'
import type { SlackReceiver } from './slack-receiver.ts'
import { createSpectator, type Spectator } from './spectator.ts'
import { chatTexts, type Summary } from './summary.ts'
import { createTally, type Tally } from './tally.ts'
import { runTraffic } from './traffic-client.ts'

export interface StoryOptions {
  readonly api: KubeApi
  readonly gatewayUrl: string
  readonly slack: SlackReceiver
  readonly screen: Screen
  readonly perSecond: number
  /** The version that is good, and the one that is not. */
  readonly good: Version
  readonly bad: Version
  /** How long each part may take. */
  readonly limitMs: number
}

/** What goes on while the story is told, and after it: traffic, and eyes on it. */
export interface Show {
  readonly spectator: Spectator
  readonly tally: Tally
  /** Tells the story; rejects when it cannot go on. */
  tell(): Promise<Summary>
  /** Goes on drawing what happens, until the returned function is called. */
  linger(title: string): () => void
}

const isResting = ({ phase, state }: CanaryView): boolean => phase === state && ['Initialized', 'Succeeded', 'Failed'].includes(phase)

/** Sets the stage: traffic starts with the first act, and both go on until `io.signal` aborts. */
export const createShow = (options: StoryOptions, io: Io): Show => {
  const { api, gatewayUrl, slack, screen } = options
  const startMs = io.clock.nowMs()
  const tally = createTally()
  const events: string[] = []
  let act = 'starting'
  const hear = (line: string): void => {
    events.push(line)
    screen.hear(`        ${line}`)
  }
  slack.onMessage(message => screen.hear(`        Slack: ${chatText(message)}`))
  const spectator = createSpectator({ api, io, onEvent: line => hear(line) })
  const watching = spectator.run()
  watching.catch(() => {}) // reflectors never reject; a stop is not news

  const scene = (): Scene => ({
    act,
    elapsedMs: io.clock.nowMs() - startMs,
    nowMs: io.clock.nowMs(),
    canary: spectator.canary(),
    routedPercent: spectator.routedPercent(),
    primaryTrack: tally.view('primary', io.clock.nowMs()),
    canaryTrack: tally.view('canary', io.clock.nowMs()),
    totals: tally.totals(),
    events,
    chat: slack.messages,
  })

  const enter = (title: string): void => {
    act = title
    screen.say(title)
  }

  const tell = async (): Promise<Summary> => {
    const stopShow = screen.show(scene)
    try {
      enter('The shop runs as v1; Serin builds its primary')
      await spectator.until(canary => canary.phase === 'Initialized' && isResting(canary), 'the Canary to be initialized', options.limitMs)
      void runTraffic({ url: gatewayUrl, host: 'shop.example.com', perSecond: options.perSecond, onSample: tally.add }, io)
      const promoted = await goodAct({ options, spectator, tally, enter }, io)
      const rolledBack = await badAct({ options, spectator, tally, enter }, io)
      return { ...promoted, ...rolledBack, requests: tally.totals().requests, slackMessages: chatTexts(slack.messages) }
    } finally {
      stopShow()
    }
  }
  const linger = (title: string): (() => void) => {
    act = title
    return screen.show(scene)
  }
  return { spectator, tally, tell, linger }
}

interface Act {
  readonly options: StoryOptions
  readonly spectator: Spectator
  readonly tally: Tally
  readonly enter: (title: string) => void
}

const goodAct = async ({ options, spectator, tally, enter }: Act, io: Io) => {
  const { api, good, limitMs } = options
  enter(`A good version is released: ${good.name}`)
  const [beganMs, before, failuresBefore] = [io.clock.nowMs(), tally.totals().failed, tally.failures()]
  await release(api, good, io)
  await spectator.until(canary => canary.phase === 'Progressing', `${good.name} to be noticed`, limitMs)
  const end = await spectator.until(isResting, `${good.name} to be promoted`, limitMs)
  const failedRequestsDuringPromotion = tally.totals().failed - before
  const seconds = (io.clock.nowMs() - beganMs) / 1000
  const failuresDuringPromotion = moreOf(failuresBefore, tally.failures())
  const failures = failedRequestsDuringPromotion > 0 ? { failuresDuringPromotion } : {}
  return {
    failedRequestsDuringPromotion,
    ...failures,
    ...(end.phase === 'Succeeded' ? { promoted: { revision: good.name, seconds } } : {}),
  }
}

/** By how much each count rose. */
const moreOf = (before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(now).flatMap(([key, count]) => (count > (before[key] ?? 0) ? [[key, count - (before[key] ?? 0)]] : [])))

const badAct = async ({ options, spectator, tally, enter }: Act, io: Io): Promise<Pick<Summary, 'rolledBack'>> => {
  const { api, bad, limitMs } = options
  enter(`A bad version is released: ${bad.name} answers ${Math.round(bad.errorRate * 100)}% of its requests with an error`)
  const [beganMs, before] = [io.clock.nowMs(), tally.totals().failed]
  await release(api, bad, io)
  await spectator.until(canary => canary.phase === 'Progressing', `${bad.name} to be noticed`, limitMs)
  const end = await spectator.until(isResting, `${bad.name} to be rolled back`, limitMs)
  if (end.phase !== 'Failed') return {}
  const seconds = (io.clock.nowMs() - beganMs) / 1000
  return { rolledBack: { revision: bad.name, seconds, failedRequests: tally.totals().failed - before, reason: end.failure } }
}
