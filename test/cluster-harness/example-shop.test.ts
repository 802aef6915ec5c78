import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'

const objectsIn = (file: string): readonly KubeObject[] =>
  parseAllDocuments(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).map(document => document.toJS() as KubeObject)

const named = (objects: readonly KubeObject[], kind: string): KubeObject => {
  const found = objects.find(object => object.kind === kind)
  if (!found) throw new Error(`expected a ${kind}, found ${objects.map(object => object.kind).join(', ')}`)
  return found
}

/** As on such a cluster, where Serin runs faster than people would have it. */
const options = { intervalFloorMs: 1000 }
const { canary, problems, notes } = readCanary(named(objectsIn('examples/cluster/shop.yaml'), 'Canary'), options)

describe('the example for a cluster of one’s own', () => {
  it('can be carried out as it stands', () => expect({ problems, notes }).toEqual({ problems: [], notes: [] }))

  it('is reached through the gateway of that cluster', () => {
    const { namespace, name } = named(objectsIn('test/cluster/manifests/gateway.yaml'), 'Gateway').metadata
    expect(canary.spec.service.gatewayRefs).toMatchObject([{ namespace, name }])
  })

  it('has its load from the load tester of that cluster', () => {
    const { namespace, name } = named(objectsIn('test/cluster/manifests/load-tester.yaml'), 'Service').metadata
    expect(canary.spec.analysis.webhooks.map(({ url }) => url)).toEqual([`http://${name}.${namespace}:9090/`])
  })
})
