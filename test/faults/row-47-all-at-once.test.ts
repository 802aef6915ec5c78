import { describe, expect, it } from 'vitest'
import { configMapKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized } from './on-stage.ts'

const namespaces = Array.from({ length: 60 }, (_, at) => `team-${at}`)

const config = (namespace: string, color: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'colors', namespace },
  data: { color },
})

/** What each team has in its namespace. */
const teamIn = (namespace: string): readonly KubeObject[] => {
  const objects = team({ pod: { volumes: [{ name: 'conf', configMap: { name: 'colors' } }] } })
  return [...objects.map(object => ({ ...object, metadata: { ...object.metadata, namespace } })), config(namespace, 'red')]
}

/** Pods that each team asks for beside its primary. */
const replicas = ({ object }: Stage): ReadonlySet<unknown> =>
  new Set(namespaces.map(namespace => (object(deploymentKind, 'podinfo', namespace)['spec'] as { readonly replicas: number }).replicas))

const isParked = (stage: Stage): boolean => [...replicas(stage)].every(count => count === 0)

/** What the primaries of all teams read. */
const promotedColors = ({ object }: Stage): ReadonlySet<unknown> =>
  new Set(namespaces.map(namespace => (object(configMapKind, 'colors-primary', namespace)['data'] as { readonly color: string }).color))

/** Counts how many requests of a process that starts from now on are under way at once. */
const countUnderWay = async (stage: Stage) => {
  const seen = { now: 0, most: 0 }
  const counted =
    <A extends readonly unknown[], R>(send: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      seen.now += 1
      seen.most = Math.max(seen.most, seen.now)
      return send(...args).finally(() => {
        seen.now -= 1
      })
    }
  const { get, create, apply, patch, updateStatus }: KubeApi = stage.api
  Object.assign(stage.api, {
    get: counted(get),
    create: counted(create),
    apply: counted(apply),
    patch: counted(patch),
    updateStatus: counted(updateStatus),
  })
  await stage.restart()
  return seen
}

/** Sixteen workers, and what goes beside them: fewer than there are Canaries. */
const mostUnderWay = 20

describe('sixty Canaries whose configuration changes at once', () => {
  it('are all promoted, with no more requests under way than there are workers, and few for each', async () => {
    const stage = await initialized({ objects: [...team(), ...namespaces.flatMap(teamIn)] })
    await stage.until(() => isParked(stage))
    const seen = await countUnderWay(stage)
    stage.api.forgetRequests()
    for (const namespace of namespaces) stage.api.put(config(namespace, 'blue'))
    await stage.pass(10)
    expect(stage.plugged.length).toBeGreaterThan(namespaces.length)
    expect(isParked(stage)).toBe(false)
    await stage.pass(50)
    expect(isParked(stage)).toBe(true)
    expect(promotedColors(stage)).toEqual(new Set(['blue']))
    expect(seen.most).toBeLessThanOrEqual(mostUnderWay)
    const perCanary =
      stage.api.requests.filter(({ verb, kind }) => !['list', 'watch'].includes(verb) && kind !== 'Event').length / namespaces.length
    expect(perCanary).toBeLessThan(40)
  })
})
