import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject, Manifest } from '../../src/api/object.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { istio } from '../../src/routing/istio.ts'
import { aCanary } from '../support/builders.ts'
import { RoutingWorld } from './routing-world.ts'

export type Fields = Readonly<Record<string, unknown>>

const apiVersion = 'networking.istio.io/v1beta1'

export const canaryWith = (service: Fields = {}, analysis?: Fields): Canary =>
  deepFreeze(aCanary({ spec: { provider: 'istio', service: { port: 9898, ...service } }, ...(analysis ? { analysis } : {}) }))

export const desiredBy = (canary: Canary, traffic: Traffic = splitAt(0), world = new RoutingWorld()): readonly Manifest[] =>
  istio.desired(canary, traffic, { live: world, options: { labelKey: 'app' } })

export const routeOf = (canary: Canary, traffic?: Traffic): Manifest => {
  const route = desiredBy(canary, traffic).find(({ kind }) => kind === 'VirtualService')
  if (!route) throw new Error('the router wants no VirtualService')
  return route
}

export const specOf = (canary: Canary, traffic?: Traffic): Fields => routeOf(canary, traffic)['spec'] as Fields

export const httpOf = (canary: Canary, traffic?: Traffic): readonly Fields[] => specOf(canary, traffic)['http'] as readonly Fields[]

export const problemsOf = (canary: Canary): readonly string[] => istio.check(canary, new RoutingWorld()).map(({ path }) => path)

export const routeTo = (host: string, weight: number) => ({ destination: { host }, weight })

export const split = (primary: number, canary: number) => [routeTo('podinfo-primary', primary), routeTo('podinfo-canary', canary)]

/** Objects of Istio as somebody had them before there was a Canary. */
export const usersObjects = (name: string): readonly KubeObject[] => [
  {
    apiVersion,
    kind: 'VirtualService',
    metadata: { name, namespace: 'test' },
    spec: {
      hosts: ['old.example.com'],
      gateways: ['edge/old'],
      exportTo: ['*'],
      http: [
        { match: [{ uri: { prefix: '/a' } }], route: [{ destination: { host: name } }] },
        { route: [{ destination: { host: 'other' } }] },
      ],
    },
  },
  {
    apiVersion,
    kind: 'DestinationRule',
    metadata: { name: `${name}-primary`, namespace: 'test' },
    spec: { host: 'elsewhere', subsets: [{ name: 'v1' }] },
  },
]
