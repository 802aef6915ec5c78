import type { Canary } from '../api/canary.ts'
import { eventKind, podKind } from '../api/kinds.ts'
import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import { aboutReason } from '../api/reasons.ts'
import { newestRefusal, refusalsAbout } from '../core/pod-refusals.ts'
import { podSelectorOf } from '../core/pod-selector.ts'
import { mostTelling, podTroubles } from '../core/pod-troubles.ts'
import type { Readiness } from '../core/readiness.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { createErrands } from './errands.ts'
import type { Look } from './look.ts'
import type { Scene } from './scene.ts'

type Track = 'canary' | 'primary'

/** Why the pods of a track are not ready. */
export interface Diagnosis {
  readonly track: Track
  readonly text: string
}

/**
 * Says why pods are not ready, where a rollout holds because of them. The pods are listed beside the passes: no decision waits for it, and none
 * is made of it; it is words for people. Nothing is asked for a Canary that rests or whose pods come up in time.
 */
export interface Diagnoses {
  /** What the last list showed, as long as it is about what the status holds for. */
  of(canary: Canary): Diagnosis | undefined
  /** Asks when it is time to, and wakes the Canary when there is something new to say. */
  attend(look: Look, io: Io): void
  forget(canary: string): void
  /** Resolves when nothing is under way any more; `io.signal` of the questions has to abort first. */
  rest(): Promise<void>
}

/** Pods need a moment; a hold that is over before is nothing to ask about. */
const patienceMs = 10_000
/** A list is for a sentence: more pods than these say nothing new. */
const mostPods = 50
const mostEvents = 50
/** Pods may have been refused for so long before a rollout began to hold. */
const lastingMs = 60_000

interface Case {
  readonly about: string
  /** The interval of the hold, counted from when it was worth asking, in which it was asked. */
  readonly turn: number
  diagnosis: Diagnosis | undefined
}

/** What a diagnosis is about: one hold of one revision. */
const aboutOf = ({ metadata, status }: Canary): string =>
  JSON.stringify([metadata.uid, status.hold?.reason, status.hold?.since, status.analysed?.hash])

const isShort = ({ kind, readyPods, wantedPods }: Readiness): boolean => kind !== 'ready' || readyPods < wantedPods

/** The track that is waited for, if one lacks pods. */
const trackOf = ({ canaryTrack, primaryTrack }: Pick<Scene, 'canaryTrack' | 'primaryTrack'>, reason: string): Track | undefined => {
  if (reason !== 'PrimaryNotReady' && isShort(canaryTrack)) return 'canary'
  return isShort(primaryTrack) ? 'primary' : undefined
}

/** Whether pods are waited for, and whose. */
const lackingTrack = ({ canary: { status }, scene, obstacle }: Look): Track | undefined =>
  scene && !obstacle && status.hold && aboutReason(status.hold.reason)?.isAboutPods ? trackOf(scene, status.hold.reason) : undefined

/** For how long pods have been worth a question; negative while they may still come up by themselves. */
const askableMs = ({ canary, seen }: Look): number => seen.nowMs - Date.parse(canary.status.hold?.since ?? '') - patienceMs

/** When pods are looked at next; undefined where none are waited for. */
export const diagnosisDueInMs = (look: Look): number | undefined => {
  if (!lackingTrack(look)) return undefined
  const { intervalMs } = look.seen.plan
  const sinceMs = askableMs(look)
  return sinceMs < 0 ? -sinceMs : intervalMs - (sinceMs % intervalMs)
}

const sayingWhy = (track: Readiness, text: string): Readiness =>
  isShort(track) ? { ...track, message: [track.message, text].filter(Boolean).join('; ') } : track

/** A scene in which the track that lacks pods says why. */
export const explained = (scene: Scene, diagnosis: Diagnosis | undefined): Scene => {
  if (!diagnosis) return scene
  const { track, text } = diagnosis
  return track === 'canary'
    ? { ...scene, canaryTrack: sayingWhy(scene.canaryTrack, text) }
    : { ...scene, primaryTrack: sayingWhy(scene.primaryTrack, text) }
}

export const createDiagnoses = (api: KubeApi, wake: (canary: string) => void): Diagnoses => {
  const cases = new Map<string, Case>()
  const errands = createErrands()

  const knownAbout = (canary: Canary): Case | undefined => {
    const found = cases.get(keyText(keyOf(canary)))
    return found?.about === aboutOf(canary) ? found : undefined
  }

  const findOut = async ({ canary, selector, workload, refusedOf }: Question, io: Io): Promise<string | undefined> => {
    const namespace = canary.metadata.namespace ?? ''
    const pods = (await api.list(podKind, { namespace, labelSelector: selector, limit: mostPods }, io)).items
    const troubles = podTroubles(pods)
    if (pods.length >= refusedOf) return troubles
    const events = { namespace, fieldSelector: refusalsAbout(workload), limit: mostEvents }
    const { items } = await api.list(eventKind, events, io).catch(error => {
      io.log.debug({ error: messageOf(error) }, 'events could not be listed, pods that were refused go unexplained')
      return { items: [] }
    })
    const refusal = newestRefusal(items, Date.parse(canary.status.hold?.since ?? '') - lastingMs)
    return [troubles, refusal].filter(Boolean).join('; ') || undefined
  }

  const ask = async (one: Case, question: Question, io: Io): Promise<void> => {
    const { canary, track } = question
    try {
      const text = mostTelling(one.diagnosis?.text, await findOut(question, io))
      const isNews = text !== one.diagnosis?.text
      one.diagnosis = text === undefined ? undefined : { track, text }
      if (isNews && !io.signal.aborted) wake(keyText(keyOf(canary)))
    } catch (error) {
      io.log.debug({ error: messageOf(error) }, 'pods could not be listed, the hold is told without them')
    }
  }

  return {
    of: canary => knownAbout(canary)?.diagnosis,
    attend: (look, io) => {
      const { canary } = look
      const question = questionOf(look)
      const known = knownAbout(canary)
      if (!known) cases.delete(keyText(keyOf(canary)))
      const turn = Math.floor(askableMs(look) / look.seen.plan.intervalMs)
      if (!question || turn < 0 || turn === known?.turn) return
      const one: Case = { about: aboutOf(canary), turn, diagnosis: known?.diagnosis }
      cases.set(keyText(keyOf(canary)), one)
      errands.run(ask(one, question, io))
    },
    forget: canary => {
      cases.delete(canary)
    },
    rest: errands.rest,
  }
}

interface Question {
  readonly canary: Canary
  readonly track: Track
  readonly workload: KubeObject
  readonly selector: string
  /** Where fewer pods than these are there, events may say why. */
  readonly refusedOf: number
}

const questionOf = (look: Look): Question | undefined => {
  const { canary, scene } = look
  const track = lackingTrack(look)
  const workload = track === 'primary' ? scene?.primary : (scene?.target.track ?? scene?.target.object)
  if (!scene || !track || !workload) return undefined
  const { refusals, podSelector = podSelectorOf } = scene.workload
  const selector = podSelector(workload)
  const { wantedPods } = track === 'primary' ? scene.primaryTrack : scene.canaryTrack
  return selector ? { canary, track, workload, selector, refusedOf: refusals === 'in events' ? wantedPods : 0 } : undefined
}
