import type { KubeObject } from '../api/object.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './reading.ts'
import type { Routed } from './router.ts'

/*
 * Whether the gateway's controller took a route as it stands. Source: RouteStatus of gateway.networking.k8s.io/v1. Per parent, each
 * controller that claims it reports `Accepted` (the parent lets the route attach) and `ResolvedRefs` (the backends exist).
 */

type Acceptance = Pick<Routed, 'accepted' | 'message'>

const yes: Acceptance = { accepted: 'yes' }
const no = (message: string): Acceptance => ({ accepted: 'no', message })

/**
 * `yes` when every parent that anybody reports on took this generation, and somebody reports at all. A parent counts as soon as one
 * controller took it, because reports of controllers that are gone stay in the status for ever.
 */
export const acceptanceOf = (route: KubeObject): Acceptance => {
  const parents = listOf(fieldsOf(route['spec'])['parentRefs']).map(fieldsOf)
  const reports = listOf(fieldsOf(route['status'])['parents']).map(fieldsOf)
  const answers = parents.flatMap(parent => {
    const about = reports.filter(report => sameParent(parent, fieldsOf(report['parentRef']), route))
    return about.length > 0 ? [answerOf(about, route)] : []
  })
  const refused = answers.find(({ accepted }) => accepted === 'no')
  if (refused) return refused
  return answers.length > 0
    ? yes
    : no(
        `no controller has reported on ${parents.map(parentText).join(', ')} yet: does it exist, and does it take routes of this namespace?`,
      )
}

const answerOf = (reports: readonly Fields[], route: KubeObject): Acceptance => {
  const answers = reports.map(report => reportAnswer(report, route.metadata.generation ?? 0))
  return answers.find(({ accepted }) => accepted === 'yes') ?? answers[0] ?? yes
}

const reportAnswer = (report: Fields, generation: number): Acceptance => {
  const by = textOf(report['controllerName']) ?? 'its controller'
  const conditions = listOf(report['conditions']).map(fieldsOf)
  const about = (type: string) => conditions.find(condition => condition['type'] === type)
  const accepted = about('Accepted')
  if (!accepted) return no(`${by} has not said yet whether it accepts the route`)
  const complaint = [accepted, about('ResolvedRefs')].flatMap(condition => (condition ? complaintOf(condition, generation) : []))[0]
  return complaint === undefined ? yes : no(`${by} ${complaint}`)
}

/** Some controllers never write `observedGeneration`; their word counts as it stands. */
const complaintOf = (condition: Fields, generation: number): readonly string[] => {
  const observed = numberOf(condition['observedGeneration']) ?? 0
  if (observed > 0 && observed < generation) return [`has not taken generation ${generation} yet`]
  if (condition['status'] === 'True') return []
  const words = [condition['reason'], condition['message']].map(textOf).filter(Boolean).join(': ')
  return [`says ${textOf(condition['type'])}=${textOf(condition['status']) ?? 'Unknown'}${words === '' ? '' : ` (${words})`}`]
}

const sameParent = (a: Fields, b: Fields, { metadata }: KubeObject): boolean =>
  parentKey(a, metadata.namespace) === parentKey(b, metadata.namespace)

/** With the defaults that the API server writes, so that a report that leaves them out still fits. */
const parentKey = (parent: Fields, namespace = ''): string => {
  const group = textOf(parent['group']) ?? 'gateway.networking.k8s.io'
  return JSON.stringify([
    group === 'core' ? '' : group,
    textOf(parent['kind']) ?? 'Gateway',
    textOf(parent['namespace']) ?? namespace,
    textOf(parent['name']) ?? '',
    textOf(parent['sectionName']) ?? '',
    numberOf(parent['port']) ?? 0,
  ])
}

const parentText = (parent: Fields): string =>
  `${textOf(parent['kind']) ?? 'Gateway'} ${[parent['namespace'], parent['name']].map(textOf).filter(Boolean).join('/')}`
