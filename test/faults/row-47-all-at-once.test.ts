import { describe, expect, it } from 'vitest'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, renamed } from './on-stage.ts'

const pod = { volumes: [{ name: 'conf', configMap: { name: 'shared' } }] }
const config = (color: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'shared', namespace: 'test' },
  data: { color },
})
const names = Array.from({ length: 24 }, (_, at) => `app-${at}`)

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

describe('two dozen Canaries whose shared configuration changes', () => {
  it('are all promoted, with no more requests under way than there are workers, and few for each', async () => {
    const objects = [...team({ pod }), ...names.flatMap(name => renamed(team({ pod }), name)), config('red')]
    const stage = await initialized({ objects })
    await stage.until(() => names.every(name => stage.replicas(name) === 0))
    const seen = await countUnderWay(stage)
    stage.api.forgetRequests()
    stage.api.put(config('blue'))
    await stage.pass(10)
    const firstInterval = stage.plugged.length
    await stage.untilRest('Succeeded')
    await stage.pass(30)
    expect(seen.most).toBeLessThanOrEqual(mostUnderWay)
    expect(firstInterval).toBeGreaterThan(names.length)
    const perCanary =
      stage.api.requests.filter(({ verb, kind }) => !['list', 'watch'].includes(verb) && kind !== 'Event').length / names.length
    expect(perCanary).toBeLessThan(40)
    expect(new Set(names.map(name => stage.replicas(name)))).toEqual(new Set([0]))
  })
})
