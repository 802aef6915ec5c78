import { join } from 'node:path'
import type { KubeObject } from '../../../src/api/object.ts'
import { createReflector } from '../../../src/kube/reflector.ts'
import { canaries, deployments, virtualServices } from './kinds.ts'
import { scenario } from './scenario.ts'
import { good, openShop } from './shop.ts'
import type { Stage } from './stage.ts'
import { foreignManifests } from './tools.ts'
import { eventually } from './waiting.ts'

/** Istio's own definitions, so that the API server checks what Serin writes. Istio itself is not here: nothing answers to the routes. */
export const installIstioDefinitions = async ({ cluster, tools }: Stage): Promise<void> => {
  await tools.applyForeign([join(foreignManifests(cluster, 'istio'), 'customresourcedefinitions.gen.yaml')])
  await tools.kubectl(['wait', '--for=condition=Established', '--timeout=240s', 'crd/virtualservices.networking.istio.io'])
}

interface VirtualServiceSpec {
  readonly http?: readonly { readonly route?: readonly { readonly destination?: { readonly host?: string }; readonly weight?: number }[] }[]
}

const canaryWeight = (object: KubeObject): number => {
  const [rule] = (object['spec'] as VirtualServiceSpec | undefined)?.http ?? []
  return rule?.route?.find(({ destination }) => destination?.host === 'shop-canary')?.weight ?? 0
}

const name = 'istio'
const key = { namespace: name, name: 'shop' }

/** A rollout through Istio's routes; then the Canary is deleted, and everything is as it was before. */
export const istio = scenario(async stage => {
  const { api, io } = stage
  const watching = new AbortController()
  const reflector = createReflector({ api, kind: virtualServices, namespace: name })
  const weights: number[] = []
  reflector.onEvent(({ object }) => {
    const weight = canaryWeight(object)
    if (weights.at(-1) !== weight) weights.push(weight)
  })
  const watch = reflector.run({ ...io, signal: AbortSignal.any([io.signal, watching.signal]) })
  const shop = await openShop(stage, { name, provider: 'istio', usersPerSecond: 0, spec: { revertOnDeletion: true } })
  await shop.release(good('v2'))
  const end = await shop.end()
  await api.delete(canaries, key, {}, io)
  await eventually({ what: 'the Canary to be gone', look: async () => (await api.get(canaries, key, io)) === undefined || undefined }, io)
  const target = await api.get(deployments, key, io)
  await shop.close()
  watching.abort(new Error('the scenario is over'))
  await watch
  return { end, weights, replicas: (target?.['spec'] as { readonly replicas?: number } | undefined)?.replicas }
})
