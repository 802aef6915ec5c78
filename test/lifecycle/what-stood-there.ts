import { canaryKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { FakeKubeApi } from '../support/fake-kube-api.ts'
import { httpRouteKind, type Stage, team } from '../support/stage.ts'
import { stoodBefore, type TeamChange } from '../support/team.ts'

type Fields = Readonly<Record<string, unknown>>

/** A team whose Service and route were there before the Canary, which promises to put them back. */
export const settledTeam = ({ spec, ...change }: TeamChange = {}): readonly KubeObject[] => [
  ...team({ ...change, spec: { revertOnDeletion: true, ...spec } }),
  ...Object.values(stoodBefore),
]

/** What users of the team would find: who answers them, and with how many pods. */
export const standing = ({ api }: Stage) => {
  const [found, way, target] = [api.stored(serviceKind, key), api.stored(httpRouteKind, key), api.stored(deploymentKind, key)]
  return {
    canary: api.stored(canaryKind, key)?.metadata.name,
    selector: fieldsOf(found)['selector'],
    rules: fieldsOf(way)['rules'],
    marks: [found, way].map(object => Object.keys(object?.metadata.annotations ?? {})),
    replicas: fieldsOf(target)['replicas'],
    primary: api.stored(deploymentKind, { ...key, name: 'podinfo-primary' })?.metadata.name,
  }
}

const key = { namespace: 'test', name: 'podinfo' }

/** All as it was before the Canary: a target of two pods gets all the traffic. */
export const asItWas = {
  canary: undefined,
  selector: { app: 'podinfo' },
  rules: (stoodBefore.route['spec'] as { readonly rules: unknown }).rules,
  marks: [[], []],
  replicas: 2,
  primary: undefined,
}

const fieldsOf = (object: KubeObject | undefined): Fields => (object?.['spec'] ?? {}) as Fields

interface Route {
  readonly rules?: readonly { readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[] }[]
}

const readyPods = (api: FakeKubeApi, selector: Fields): number =>
  api
    .storedAll(deploymentKind)
    .filter(one => {
      const { template } = fieldsOf(one) as { readonly template: { readonly metadata: { readonly labels: Fields } } }
      return Object.entries(selector).every(([name, value]) => template.metadata.labels[name] === value)
    })
    .reduce((sum, { status }) => sum + Number((status as Fields | undefined)?.['availableReplicas'] ?? 0), 0)

/** Services that a route sends requests to although no pod would answer there. */
export const stranded = (api: FakeKubeApi, taken: KubeObject | undefined = api.stored(httpRouteKind, key)): readonly string[] => {
  const { rules = [] } = fieldsOf(taken) as Route
  const names = rules.flatMap(({ backendRefs = [] }) => backendRefs.filter(({ weight = 1 }) => weight > 0).map(({ name }) => name))
  return names.filter(name => {
    const { selector } = fieldsOf(api.stored(serviceKind, { ...key, name })) as { readonly selector?: Fields }
    return selector === undefined || readyPods(api, selector) === 0
  })
}

export const askToDelete = async (stage: Stage): Promise<void> => {
  stage.api.drop(canaryKind, key)
  await stage.calm()
}

export const isGone = ({ api }: Stage): boolean => api.stored(canaryKind, key) === undefined
