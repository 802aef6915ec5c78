import { describe, expect, it } from 'vitest'
import { providers } from '../../src/api/canary.ts'
import { routers } from '../../src/routing/registry.ts'

describe('the registry of routers', () => {
  it('holds what is built', () => expect(routers.names).toEqual(['gatewayapi:v1', 'istio', 'knative', 'kubernetes']))

  it.each(providers.filter(name => !routers.has(name)))('refuses %s, which the API knows, and says what there is', name =>
    expect(() => routers.get(name)).toThrow(
      `unknown routing provider "${name}", expected one of: gatewayapi:v1, istio, knative, kubernetes`,
    ),
  )

  it.each(['', 'gatewayapi', 'gatewayapi:v1alpha2', 'Istio', 'istio ', 'nginx-plus', 'constructor'])('never falls back for %j', name =>
    expect(() => routers.get(name)).toThrow('unknown routing provider'),
  )
})
