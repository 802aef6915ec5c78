import { hash } from 'node:crypto'
import type { KindRef, KubeObject, Manifest, ObjectKey } from '../api/object.ts'

/** What people should hear about an object. */
export interface EventFacts {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** What the message is about besides the object: the same words about another revision are another event. */
  readonly revision?: string
}

/** An event with when it happened and how often. */
export interface EventCount {
  readonly about: KubeObject
  readonly facts: EventFacts
  readonly firstMs: number
  readonly lastMs: number
  readonly count: number
}

/** Who speaks: `source.component`, and which of its processes. */
export interface EventSource {
  readonly component: string
  readonly instance: string
}

export const eventKind: KindRef = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }

const longestMessage = 1024
/** An object name may have 253 characters, and ours ends with a dot and sixteen digits. */
const longestPrefix = 236

/** Seconds precision, as the API's `Time` has it. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

const cut = (message: string): string => (message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`)

/**
 * Where the event is stored. The name is made from what it says, so that the same event has the same name in every process and after every
 * restart: told twice, it is still one. Events about objects without a namespace live in `default`.
 */
export const eventKey = ({ metadata }: KubeObject, { reason, message, revision = '' }: EventFacts): ObjectKey => {
  const digest = hash('sha256', JSON.stringify([metadata.uid, revision, reason, message]))
  return { namespace: metadata.namespace ?? 'default', name: `${metadata.name.slice(0, longestPrefix)}.${digest.slice(0, 16)}` }
}

/** The Event object, in the core API that every tool shows. */
export const eventManifest = ({ about, facts, firstMs, lastMs, count }: EventCount, { component, instance }: EventSource): Manifest => {
  const { name, namespace, uid, resourceVersion } = about.metadata
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: eventKey(about, facts),
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
    type: facts.type,
    reason: facts.reason,
    message: cut(facts.message),
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
    firstTimestamp: timeText(firstMs),
    lastTimestamp: timeText(lastMs),
    count,
  }
}
