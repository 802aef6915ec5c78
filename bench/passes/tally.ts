import type { KubeObject } from '../../src/api/object.ts'
import type { ApiServerOptions } from '../../src/sandbox/apiserver/server.ts'

export type AuditEntry = Parameters<NonNullable<ApiServerOptions['onRequest']>>[0]

/** What a request is to the budget. Renewals of the lease and Events are counted, but apart. */
export type RequestClass = 'read' | 'watch' | 'statusWrite' | 'routeWrite' | 'event' | 'lease' | 'otherWrite'

export const requestClasses: readonly RequestClass[] = ['read', 'watch', 'statusWrite', 'routeWrite', 'event', 'lease', 'otherWrite']

/** What happened since the counts before. */
export interface Counts {
  readonly requests: Readonly<Record<RequestClass, number>>
  /** The same in detail, as `verb resource/subresource`; answers of 400 and more with their code. */
  readonly byName: Readonly<Record<string, number>>
  /** Status writes by the phase the Canary was in. */
  readonly statusWritesByPhase: Readonly<Record<string, number>>
  /** Passes of progressing Canaries that gathered evidence because their time had come. */
  readonly analyses: number
  /** How often the recorded weight moved. */
  readonly steps: number
  /** From the recorded time of each of these analyses until what was decided on it was stored. */
  readonly latenessMs: readonly number[]
}

const isLease = ({ resource }: AuditEntry): boolean => resource === 'leases'
const isEvent = ({ resource }: AuditEntry): boolean => resource === 'events'
const isStatus = ({ resource, subresource }: AuditEntry): boolean => resource === 'canaries' && subresource === 'status'
const isRoute = ({ resource }: AuditEntry): boolean => resource === 'httproutes'

const rules: readonly (readonly [(entry: AuditEntry) => boolean, RequestClass])[] = [
  [isLease, 'lease'],
  [isEvent, 'event'],
  [({ verb }) => verb === 'watch', 'watch'],
  [({ verb }) => ['get', 'list'].includes(verb), 'read'],
  [isStatus, 'statusWrite'],
  [isRoute, 'routeWrite'],
]

export const classOf = (entry: AuditEntry): RequestClass => rules.find(([applies]) => applies(entry))?.[1] ?? 'otherWrite'

const nameOf = ({ verb, resource, subresource, path, code }: AuditEntry): string =>
  `${verb} ${resource || path}${subresource && `/${subresource}`}${code >= 400 ? ` ${code}` : ''}`

interface Status {
  readonly phase?: string
  readonly canaryWeight?: number
  readonly nextEvidenceAt?: string
}

const statusOf = (object: KubeObject): Status => (object['status'] ?? {}) as Status

const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

/** Counts what a controller asks of the API server and what becomes of its Canaries. */
export interface Tally {
  request(entry: AuditEntry): void
  /** The status of a Canary was stored. */
  status(object: KubeObject, before: KubeObject, nowMs: number): void
  /** The counts so far; from here on they begin anew. */
  take(): Counts
}

export const createTally = (): Tally => {
  let requests = new Map<string, number>()
  let byName = new Map<string, number>()
  let phases = new Map<string, number>()
  let latenessMs: number[] = []
  let steps = 0

  return {
    request: entry => {
      count(requests, classOf(entry))
      count(byName, nameOf(entry))
    },
    status: (object, beforeObject, nowMs) => {
      const [before, after] = [statusOf(beforeObject), statusOf(object)]
      count(phases, before.phase ?? 'none')
      if ((before.canaryWeight ?? 0) !== (after.canaryWeight ?? 0)) steps += 1
      const due = before.phase === 'Progressing' ? before.nextEvidenceAt : undefined
      if (due !== undefined && due !== after.nextEvidenceAt) latenessMs.push(nowMs - Date.parse(due))
    },
    take: () => {
      const counts: Counts = {
        requests: Object.fromEntries(requestClasses.map(name => [name, requests.get(name) ?? 0])) as Counts['requests'],
        byName: Object.fromEntries(byName),
        statusWritesByPhase: Object.fromEntries(phases),
        analyses: latenessMs.length,
        steps,
        latenessMs,
      }
      requests = new Map()
      byName = new Map()
      phases = new Map()
      latenessMs = []
      steps = 0
      return counts
    },
  }
}
