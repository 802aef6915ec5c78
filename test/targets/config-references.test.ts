import { describe, expect, it } from 'vitest'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { configRefs } from '../../src/targets/config-references.ts'

const specWith = (name: string) => ({ containers: [{ name: 'app', envFrom: [{ configMapRef: { name } }] }] })

describe('what a pod spec refers to', () => {
  it('is the very same as long as the spec is: what was found out about it can be remembered', () => {
    const spec = deepFreeze(specWith('settings'))
    expect(configRefs(spec)).toBe(configRefs(spec))
    expect(configRefs(spec).map(({ key }) => key)).toEqual(['configmap/settings'])
  })

  it('is looked for again where the spec may have changed in place', () => {
    const spec = specWith('settings')
    configRefs(spec)
    spec.containers = specWith('others').containers
    expect(configRefs(spec).map(({ key }) => key)).toEqual(['configmap/others'])
  })
})
