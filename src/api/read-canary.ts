import { type Canary, CanarySpec } from './canary.ts'
import { presumedPort, translate } from './legacy.ts'
import type { KubeObject } from './object.ts'
import { atMost, type Problem } from './problem.ts'
import { identityOf, ignored, mostMessages } from './read-object.ts'
import { hindrances, observations, type RemarkOptions } from './remarks.ts'
import { specRules } from './rules.ts'
import { readStatus } from './status.ts'
import { fieldsOf, readTolerantly } from './tolerant.ts'

export type { Problem } from './problem.ts'

/** A Canary and what there is to say about it. */
export interface CanaryReading {
  /** Always usable for status writes; to be carried out only when there are no problems. */
  readonly canary: Canary
  /** Why it cannot be carried out: expected, came, what to do. */
  readonly problems: readonly Problem[]
  /** What works but is not as it should be: older spellings, ignored fields, values read differently. */
  readonly notes: readonly Problem[]
}

const standIns: Readonly<Record<string, unknown>> = {
  targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: '' },
  'targetRef.apiVersion': 'apps/v1',
  'targetRef.kind': 'Deployment',
  'targetRef.name': '',
  service: { port: presumedPort },
  'service.port': presumedPort,
  analysis: {},
}

/** Settings of the controller that a manifest is read against; those of the field where absent. */
export type ReadOptions = Partial<Omit<RemarkOptions, 'namespace'>>

const fieldDefaults = { defaultProvider: 'istio', intervalFloorMs: 10_000, crossNamespaceRefs: true }

/** Reads a stored Canary of any age. Never throws, whatever the object holds; one that is garbage harms nobody else. */
export const readCanary = (object: KubeObject, options: ReadOptions = {}): CanaryReading => {
  const written = fieldsOf(object)
  const translated = translate(fieldsOf(written['spec']))
  const read = readTolerantly({ schema: CanarySpec, raw: translated.spec, at: 'spec', standIns })
  const identity = identityOf(written)
  const context = { ...fieldDefaults, ...options, namespace: identity.metadata.namespace ?? '' }
  return {
    canary: {
      ...identity,
      kind: 'Canary',
      spec: read.value,
      status: readStatus(written['status']),
    },
    problems: atMost(mostMessages, [
      ...translated.problems,
      ...read.problems,
      ...brokenRules(read.value),
      ...hindrances(read.value, context),
    ]),
    notes: atMost(mostMessages, [...translated.notes, ...ignored(read.unknown), ...observations(read.value, context)]),
  }
}

/** Reads a later version of the object whose `spec`, name and namespace are those of one that was read with the same options: that costs a tenth. */
export const readNewStatus = (object: KubeObject, { canary, ...said }: CanaryReading): CanaryReading => {
  const written = fieldsOf(object)
  return { ...said, canary: { ...canary, ...identityOf(written), status: readStatus(written['status']) } }
}

const brokenRules = (spec: CanarySpec): readonly Problem[] =>
  specRules.filter(rule => !rule.holds(spec)).map(({ field, message }) => ({ path: `spec.${field}`, message }))
