import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { aCanary } from '../support/builders.ts'
import { describeWorkload } from './contract.ts'
import { aTarget, inspected, specIn, templateIn } from './world.ts'

describeWorkload(deployment, () => ({
  canary: aCanary(),
  target: aTarget({ container: { envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'licence' } }] } }),
  patched: (object, body) => ({ ...object, spec: { ...specIn(object), ...(body['spec'] as object) } }),
  mounts: (workload, name) => JSON.stringify(templateIn(workload)).includes(`"name":"${name}"`),
}))

const replicas = (wanted: number): KubeObject => aTarget({ spec: { replicas: wanted } })

describe('parking a Deployment', () => {
  it('takes all its replicas', () =>
    expect(deployment.park(inspected(replicas(3)))).toMatchObject({ kind: { kind: 'Deployment' }, body: { spec: { replicas: 0 } } }))

  it('gives back as many as it is told', () =>
    expect(deployment.unpark(inspected(replicas(0)), 4)?.body).toEqual({ spec: { replicas: 4 } }))

  it('gives back at least one', () => expect(deployment.unpark(inspected(replicas(0)), 0)?.body).toEqual({ spec: { replicas: 1 } }))

  it('leaves alone a Deployment that has some', () => expect(deployment.unpark(inspected(replicas(1)), 4)).toBeUndefined())
})

describe('pinning a Deployment', () => {
  const target = inspected(aTarget({ spec: { minReadySeconds: 5, paused: true } }))

  it('keeps the template as it is', () => expect(deployment.pin(target, {}).template).toEqual(specIn(target.object)['template']))

  it('keeps the digests it was seen with', () => expect(deployment.pin(target, { 'secret/a': 'x' }).configs).toEqual({ 'secret/a': 'x' }))

  it('keeps the settings a primary takes over', () => expect(deployment.pin(target, {}).settings).toEqual({ minReadySeconds: 5 }))
})
