import { isKnativeRef } from './canary.ts'
import type { Problem } from './problem.ts'
import { type Fields, fieldsOf, isFields } from './tolerant.ts'
import type { HookType } from './webhook.ts'

/** A spec in today's words, and what had to be said on the way. */
export interface Translation {
  readonly spec: Fields
  readonly problems: readonly Problem[]
  readonly notes: readonly Problem[]
}

type Step = (spec: Fields) => Translation

/**
 * Translates older spellings (`flagger.app/v1alpha3` and before) into today's fields and fills in what can be derived. What cannot be
 * guessed is named, with the line to add. Values are not checked here; garbage passes through untouched.
 */
export const translate = (written: Fields): Translation =>
  steps.reduce<Translation>(
    (before, step) => {
      const after = step(before.spec)
      return { spec: after.spec, problems: [...before.problems, ...after.problems], notes: [...before.notes, ...after.notes] }
    },
    { spec: written, problems: [], notes: [] },
  )

const unchanged = (spec: Fields): Translation => ({ spec, problems: [], notes: [] })

const without = (fields: Fields, key: string): Fields => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key))

const noted = (spec: Fields, path: string, message: string): Translation => ({ spec, problems: [], notes: [{ path, message }] })

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

const oldAnalysis: Step = spec => {
  const { canaryAnalysis, analysis } = spec
  if (isAbsent(canaryAnalysis)) return unchanged(spec)
  const rest = without(spec, 'canaryAnalysis')
  return isAbsent(analysis)
    ? noted({ ...rest, analysis: canaryAnalysis }, 'spec.canaryAnalysis', 'an older spelling, read as spec.analysis; rename it')
    : noted(rest, 'spec.canaryAnalysis', 'spec.analysis is set too and wins; remove spec.canaryAnalysis')
}

const misplacedWebhooks: Step = spec => {
  const { webhooks } = spec
  if (isAbsent(webhooks)) return unchanged(spec)
  const rest = without(spec, 'webhooks')
  const analysis = fieldsOf(spec['analysis'])
  const inPlace = isAbsent(analysis['webhooks']) ? [] : analysis['webhooks']
  if (!Array.isArray(webhooks) || !Array.isArray(inPlace)) {
    return { spec: rest, notes: [], problems: [{ path: 'spec.webhooks', message: 'expected a list; move it to spec.analysis.webhooks' }] }
  }
  const moved = { ...rest, analysis: { ...analysis, webhooks: [...inPlace, ...webhooks] } }
  return noted(moved, 'spec.webhooks', 'one level too high, read as spec.analysis.webhooks; move it there')
}

/** Types without which a release would go ahead untested or unapproved: these are not skipped in silence of the user. */
const indispensable: readonly HookType[] = ['confirm-rollout', 'pre-rollout', 'confirm-traffic-increase', 'confirm-promotion', 'rollback']

const webhooksWithoutUrl: Step = spec => {
  const analysis = spec['analysis']
  if (!isFields(analysis) || !Array.isArray(analysis['webhooks'])) return unchanged(spec)
  const hooks: readonly unknown[] = analysis['webhooks']
  const broken = hooks.flatMap((hook, index) => (isFields(hook) && !hook['url'] ? [{ hook, index }] : []))
  if (broken.length === 0) return unchanged(spec)
  const [needed, skipped] = [true, false].map(wanted =>
    broken.filter(({ hook }) => indispensable.some(type => type === hook['type']) === wanted),
  )
  const kept = hooks.filter(hook => !isFields(hook) || Boolean(hook['url']))
  return {
    spec: { ...spec, analysis: { ...analysis, webhooks: kept } },
    problems: (needed ?? []).map(urlMissing('the rollout cannot do without it')),
    notes: (skipped ?? []).map(urlMissing('the webhook is skipped')),
  }
}

const urlMissing =
  (consequence: string) =>
  ({ hook, index }: { hook: Fields; index: number }): Problem => ({
    path: `spec.analysis.webhooks[${index}].url`,
    message: `webhook ${JSON.stringify(String(hook['name'] ?? index)).slice(0, 80)} has no url and ${consequence}; add the line \`url: http://<load tester or gate>/\``,
  })

const oldThresholds: Step = spec => {
  const analysis = spec['analysis']
  if (!isFields(analysis) || !Array.isArray(analysis['metrics'])) return unchanged(spec)
  const notes: Problem[] = []
  const metrics = analysis['metrics'].map((metric: unknown, index) => {
    if (!isFields(metric) || typeof metric['threshold'] !== 'number') return metric
    const rest = without(metric, 'threshold')
    const path = `spec.analysis.metrics[${index}].threshold`
    const bound = metric['name'] === 'request-success-rate' ? 'min' : 'max'
    const superseded = !isAbsent(metric['thresholdRange'])
    notes.push({
      path,
      message: superseded
        ? 'thresholdRange is set too and wins; remove threshold'
        : `deprecated, read as thresholdRange.${bound}; write \`thresholdRange: {${bound}: ${metric['threshold']}}\``,
    })
    return superseded ? rest : { ...rest, thresholdRange: { [bound]: metric['threshold'] } }
  })
  return notes.length === 0 ? unchanged(spec) : { spec: { ...spec, analysis: { ...analysis, metrics } }, problems: [], notes }
}

const apiVersionOf: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  DaemonSet: 'apps/v1',
  Service: 'v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  ScaledObject: 'keda.sh/v1alpha1',
  Ingress: 'networking.k8s.io/v1',
  ApisixRoute: 'apisix.apache.org/v2',
  Upstream: 'gloo.solo.io/v1',
}

const derivedApiVersion =
  (field: string): Step =>
  spec => {
    const ref = spec[field]
    if (!isFields(ref) || !isAbsent(ref['apiVersion'])) return unchanged(spec)
    const { kind } = ref
    const apiVersion = typeof kind === 'string' && Object.hasOwn(apiVersionOf, kind) ? apiVersionOf[kind] : undefined
    if (apiVersion === undefined) return unchanged(spec)
    return noted(
      { ...spec, [field]: { ...ref, apiVersion } },
      `spec.${field}.apiVersion`,
      `missing, read as ${apiVersion}; add \`apiVersion: ${apiVersion}\``,
    )
  }

/** Stands where no port is known; nothing is written with it, except for a target of kind Service whose route needs one. */
export const presumedPort = 80

const derivedPort: Step = spec => {
  if (!isAbsent(spec['service']) && !isFields(spec['service'])) return unchanged(spec)
  const service = fieldsOf(spec['service'])
  if (!isAbsent(service['port'])) return unchanged(spec)
  const { targetPort } = service
  const path = 'spec.service.port'
  if (Number.isInteger(targetPort)) {
    return noted(
      { ...spec, service: { ...service, port: targetPort } },
      path,
      `missing, read as targetPort ${targetPort}; add \`port: ${targetPort}\``,
    )
  }
  return withoutPort({ ...spec, service: { ...service, port: presumedPort } }, path)
}

const withoutPort = (spec: Fields, path: string): Translation => {
  const { kind, apiVersion } = fieldsOf(spec['targetRef'])
  if (kind !== 'Service')
    return { ...unchanged(spec), problems: [{ path, message: 'expected the port of the Service, got nothing; add `port: <number>`' }] }
  const knative = isKnativeRef({ kind, apiVersion: String(apiVersion) })
  return knative
    ? unchanged(spec)
    : noted(spec, path, `missing, read as ${presumedPort}; add \`port: <number>\` if routes need another one`)
}

const steps: readonly Step[] = [
  oldAnalysis,
  misplacedWebhooks,
  webhooksWithoutUrl,
  oldThresholds,
  ...['targetRef', 'autoscalerRef', 'ingressRef', 'routeRef', 'upstreamRef'].map(derivedApiVersion),
  derivedPort,
]
