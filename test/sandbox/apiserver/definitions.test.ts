import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ClusterApi } from '../../../src/sandbox/apiserver/cluster-api.ts'
import type { JsonObject } from '../../../src/sandbox/apiserver/json-value.ts'
import { aCluster, applierOf, at, definitions, entryOf, refusal } from './a-cluster.ts'

const widgets = { apiVersion: 'example.com/v1', plural: 'widgets' }
const oldWidgets = { apiVersion: 'example.com/v1beta1', plural: 'widgets' }

const spec: JsonObject = {
  type: 'object',
  required: ['size'],
  'x-kubernetes-validations': [
    { rule: 'self.size <= 10', message: 'size is at most 10' },
    { rule: 'self.size >= oldSelf.size', messageExpression: "'size never shrinks below %s'.replace('%s', string(oldSelf.size))" },
  ],
  properties: {
    size: { type: 'integer', minimum: 1 },
    color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
    name: { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 5 },
    interval: { type: 'string', 'x-kubernetes-validations': [{ rule: "duration(self) >= duration('1s')", message: 'too fast' }] },
    ladder: {
      type: 'array',
      maxItems: 4,
      items: { type: 'integer' },
      'x-kubernetes-validations': [
        { rule: 'self.isSorted()', message: 'must rise' },
        { rule: 'self.all(step, step <= 100)', message: 'at most 100' },
      ],
    },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } } },
    },
    steps: { type: 'array', items: { type: 'object', properties: { weight: { type: 'integer' } } } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    port: { 'x-kubernetes-int-or-string': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    choice: {
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    },
  },
}

const schema: JsonObject = {
  type: 'object',
  properties: { spec, status: { type: 'object', properties: { phase: { type: 'string' } } } },
}

const version = (name: string, storage: boolean): JsonObject => ({
  name,
  served: true,
  storage,
  subresources: { status: {} },
  schema: { openAPIV3Schema: schema },
})

const definition = (change: JsonObject = {}): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [version('v1', true), version('v1beta1', false)],
    ...change,
  },
})

const aWidget = (fields: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'default', ...metadata },
  spec: { size: 3, ...fields },
})

/** A later definition, in which these fields of the spec have other schemas; undefined takes one away. */
const redefine = (api: ClusterApi, fields: JsonObject): void => {
  const live = api.get(definitions, at('widgets.example.com', ''))
  const properties = { ...(spec['properties'] as JsonObject), ...fields }
  const later = { ...schema, properties: { ...(schema['properties'] as JsonObject), spec: { ...spec, properties } } }
  const versions = ['v1', 'v1beta1'].map(name => ({ ...version(name, name === 'v1'), schema: { openAPIV3Schema: later } }))
  api.update(definitions, { ...live, ...definition({ versions }), metadata: live.metadata })
}

const withWidgets = () => {
  const cluster = aCluster()
  cluster.api.create(definitions, definition())
  return cluster
}

describe('a definition', () => {
  it('is served at once', () => {
    expect(withWidgets().api.create(widgets, aWidget())).toMatchObject({ kind: 'Widget', metadata: { generation: 1 } })
  })

  it('says when it is established', async () => {
    const { api, clock } = withWidgets()
    await clock.advance(1)
    const { status } = api.get(definitions, at('widgets.example.com', '')) as unknown as { status: { conditions: object[] } }
    expect(status).toMatchObject({
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
      storedVersions: ['v1'],
      acceptedNames: { singular: 'widget', listKind: 'WidgetList' },
    })
  })

  it('takes its objects with it', async () => {
    const { api, clock } = withWidgets()
    api.create(widgets, aWidget())
    api.delete(definitions, at('widgets.example.com', ''))
    await clock.advance(1)
    expect(refusal(() => api.list(widgets)).code).toBe(404)
    api.create(definitions, definition())
    expect(api.list(widgets).items).toEqual([])
  })

  it.each([
    ['a name that does not fit', { names: { plural: 'gadgets', kind: 'Widget' } }, 'metadata.name'],
    ['no storage version', { versions: [version('v1', false)] }, 'spec.versions'],
    ['no schema', { versions: [{ name: 'v1', served: true, storage: true, schema: {} }] }, 'spec.versions[0].schema.openAPIV3Schema'],
  ])('with %s is refused', (_what, change, field) => {
    const { api } = aCluster()
    expect(refusal(() => api.create(definitions, definition(change)))).toMatchObject({ code: 422, details: { causes: [{ field }] } })
  })

  it.each([
    ['a default that its schema refuses', { type: 'string', enum: ['a'], default: 'b' }, 'default'],
    ['unique items', { type: 'array', uniqueItems: true, items: { type: 'string' } }, 'uniqueItems'],
    ['a broken pattern', { type: 'string', pattern: '[' }, 'pattern'],
    [
      'a list map without keys',
      { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } },
      'x-kubernetes-list-map-keys',
    ],
    ['a field without type', {}, 'type'],
  ])('with %s is refused', (_what, field, where) => {
    const { api } = aCluster()
    const broken = { type: 'object', properties: { field } }
    const change = { versions: [{ ...version('v1', true), schema: { openAPIV3Schema: broken } }] }
    expect(refusal(() => api.create(definitions, definition(change))).details?.causes?.[0]?.field).toBe(
      `spec.validation.openAPIV3Schema.properties[field].${where}`,
    )
  })

  it('with a rule that is no CEL is refused', () => {
    const { api } = aCluster()
    const broken = { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.a ===' }] }
    const change = { versions: [{ ...version('v1', true), schema: { openAPIV3Schema: broken } }] }
    expect(refusal(() => api.create(definitions, definition(change))).message).toContain('compilation failed')
  })
})

describe('an object of a defined kind', () => {
  it('gets defaults, inside list items too', () => {
    const { api } = withWidgets()
    expect(api.create(widgets, aWidget({ parts: [{ name: 'a' }] }))['spec']).toEqual({
      size: 3,
      color: 'red',
      parts: [{ name: 'a', count: 1 }],
    })
  })

  it('loses what its schema does not know', () => {
    const { api } = withWidgets()
    expect(api.create(widgets, aWidget({ nope: 1, steps: [{ weight: 1, nope: 2 }] }))['spec']).toEqual({
      size: 3,
      color: 'red',
      steps: [{ weight: 1 }],
    })
  })

  it('keeps everything where the schema says so', () => {
    const { api } = withWidgets()
    expect(api.create(widgets, aWidget({ free: { a: { b: [1] } } }))).toMatchObject({ spec: { free: { a: { b: [1] } } } })
  })

  it.each([
    [{ size: 'x' }, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'],
    [{ size: 0 }, 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    [{ color: 'pink' }, 'spec.color: Unsupported value: "pink": supported values: "red", "blue"'],
    [{ name: 'ABC' }, `spec.name: Invalid value: "ABC": spec.name in body should match '^[a-z]+$'`],
    [{ name: 'a' }, 'spec.name: Invalid value: "a": spec.name in body should be at least 2 chars long'],
    [{ name: 'abcdef' }, 'spec.name: Too long: may not be more than 5 bytes'],
    [{ ladder: [1, 2, 3, 4, 5] }, 'spec.ladder: Too many: 5: must have at most 4 items'],
    [{ parts: [{ count: 1 }] }, 'spec.parts[0].name: Required value'],
    [{ parts: [{ name: 'a' }, { name: 'a' }] }, 'spec.parts[1]: Duplicate value: {"name":"a"}'],
    [{ port: true }, 'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
    [{ labels: { a: 1 } }, 'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"'],
    [{ choice: {} }, 'spec.choice: Invalid value: "": spec.choice in body must validate one and only one schema (oneOf). Found none valid'],
    [{ size: 11 }, 'spec: Invalid value: size is at most 10'],
    [{ ladder: [3, 1] }, 'spec.ladder: Invalid value: must rise'],
    [{ ladder: [50, 101] }, 'spec.ladder: Invalid value: at most 100'],
    [{ interval: '500ms' }, 'spec.interval: Invalid value: too fast'],
  ])('with %j is refused', (fields, words) => {
    const { api } = withWidgets()
    const { code, reason, details } = refusal(() => api.create(widgets, aWidget(fields)))
    const [first] = details?.causes ?? []
    expect([code, reason, `${first?.field}: ${first?.message}`]).toEqual([422, 'Invalid', words])
  })

  it('is not asked its rules before it is sound otherwise', () => {
    const { api } = withWidgets()
    const { message } = refusal(() => api.create(widgets, aWidget({ size: 11, color: 'pink' })))
    expect(message).toContain('some validation rules were not checked because the object was invalid')
    expect(message).not.toContain('size is at most 10')
  })

  it('loses every null that its schema does not allow', () => {
    const { api } = withWidgets()
    expect(api.create(widgets, aWidget({ color: null, name: null }))['spec']).toEqual({ size: 3, color: 'red' })
  })

  it('names every wrong field', () => {
    const { api } = withWidgets()
    const { details } = refusal(() => api.create(widgets, aWidget({ size: 0, color: 'pink' })))
    expect(details?.causes?.map(({ field }) => field)).toEqual(['spec.size', 'spec.color', '<nil>'])
  })

  it('is held to rules about transitions', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget())
    const shrink = () => api.patch(widgets, at('w'), { type: 'merge', body: { spec: { size: 2 } } })
    expect(refusal(shrink).message).toContain('size never shrinks below 3')
  })

  it('is not judged again by rules that came later, where it does not change', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget({ name: 'abc' }))
    redefine(api, { name: { type: 'string', pattern: '^x' } })
    expect(api.patch(widgets, at('w'), { type: 'merge', body: { spec: { size: 4 } } })).toMatchObject({ spec: { size: 4, name: 'abc' } })
    expect(refusal(() => api.patch(widgets, at('w'), { type: 'merge', body: { spec: { name: 'abd' } } })).code).toBe(422)
  })

  it('keeps an item that a later rule would refuse, wherever in its list it comes to stand', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget({ parts: [{ name: 'a' }, { name: 'b' }] }))
    const item = { type: 'object', properties: { name: { type: 'string', pattern: '^b' }, count: { type: 'integer', default: 1 } } }
    redefine(api, { parts: { ...((spec['properties'] as JsonObject)['parts'] as JsonObject), items: item } })
    const write = (parts: readonly JsonObject[]) => api.patch(widgets, at('w'), { type: 'merge', body: { spec: { parts } } })
    expect(write([{ name: 'b' }, { name: 'a' }])).toMatchObject({ spec: { parts: [{ name: 'b' }, { name: 'a' }] } })
    expect(refusal(() => write([{ name: 'c' }, { name: 'a' }])).details?.causes?.map(({ field }) => field)).toEqual(['spec.parts[0].name'])
  })

  it('loses at its next write what a later definition does not know', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget({ steps: [{ weight: 1 }] }))
    redefine(api, { steps: { type: 'array', items: { type: 'object', properties: {} } } })
    expect(api.patch(widgets, at('w'), { type: 'merge', body: { spec: { size: 4 } } })).toMatchObject({ spec: { size: 4, steps: [{}] } })
  })

  it('gets at its next write the defaults of a later definition', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget({ steps: [{ weight: 1 }] }))
    redefine(api, {
      steps: {
        type: 'array',
        items: { type: 'object', properties: { weight: { type: 'integer' }, pause: { type: 'integer', default: 7 } } },
      },
    })
    const { spec: read } = api.patch(widgets, at('w'), { type: 'merge', body: { spec: { size: 4 } } })
    expect(read).toMatchObject({ steps: [{ weight: 1, pause: 7 }] })
  })

  it('speaks every served version', () => {
    const { api } = withWidgets()
    api.create(oldWidgets, { ...aWidget(), apiVersion: 'example.com/v1beta1' })
    expect([api.get(widgets, at('w')).apiVersion, api.get(oldWidgets, at('w')).apiVersion]).toEqual([
      'example.com/v1',
      'example.com/v1beta1',
    ])
  })

  it('must carry its version in an update', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget())
    expect(refusal(() => api.update(widgets, aWidget({ size: 4 }))).message).toContain('must be specified for an update')
  })

  it('takes no strategic merge patch', () => {
    const { api } = withWidgets()
    api.create(widgets, aWidget())
    expect(refusal(() => api.patch(widgets, at('w'), { type: 'strategic', body: {} })).code).toBe(415)
  })

  it('counts generations of everything but metadata and status', () => {
    const { api } = withWidgets()
    const object = api.create(widgets, aWidget())
    api.update(widgets, { ...object, status: { phase: 'Good' } }, { subresource: 'status' })
    expect(api.get(widgets, at('w')).metadata.generation).toBe(1)
    expect(api.patch(widgets, at('w'), { type: 'merge', body: { spec: { size: 4 } } }).metadata.generation).toBe(2)
  })

  it('is applied item by item in lists with keys', () => {
    const { api } = withWidgets()
    const apply = applierOf(api, widgets)
    apply(aWidget({ parts: [{ name: 'a', count: 1 }] }), { manager: 'git' })
    const object = apply(aWidget({ parts: [{ name: 'b', count: 2 }] }), { manager: 'serin' })
    expect(object).toMatchObject({ spec: { parts: [{ name: 'a' }, { name: 'b' }] } })
    expect(entryOf(object, 'serin')?.fieldsV1).toHaveProperty(['f:spec', 'f:parts', 'k:{"name":"b"}', 'f:count'])
  })

  it('is applied as a whole in lists without', () => {
    const { api } = withWidgets()
    const apply = applierOf(api, widgets)
    apply(aWidget({ steps: [{ weight: 1 }] }), { manager: 'git' })
    expect(refusal(() => apply(aWidget({ steps: [{ weight: 2 }] }), { manager: 'serin' })).message).toContain('.spec.steps')
  })

  it('merges owner references by uid, whatever its schema says about metadata', () => {
    const { api } = withWidgets()
    const apply = applierOf(api, widgets)
    const owner = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid }] })
    apply(aWidget({}, owner('one')), { manager: 'git' })
    const object = apply(aWidget({}, owner('two')), { manager: 'serin' })
    expect(object.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['one', 'two'])
  })
})

describe('our own definitions', () => {
  const folder = resolve(import.meta.dirname, '../../../crds')
  const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))

  it.each(files)('%s is accepted', name => {
    const { api } = aCluster()
    const parsed: JsonObject = parse(readFileSync(resolve(folder, name), 'utf8'))
    expect(api.create(definitions, parsed, { fieldValidation: 'Strict' }).kind).toBe('CustomResourceDefinition')
  })
})
