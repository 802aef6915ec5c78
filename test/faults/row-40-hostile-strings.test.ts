import { describe, expect, it, onTestFinished } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readStatus } from '../../src/api/status.ts'
import { prometheus } from '../../src/metrics/prometheus.ts'
import { renderQuery } from '../../src/metrics/template/template.ts'
import { parse } from '../../src/sandbox/prometheus/promql/parse.ts'
import { payloadOf } from '../../src/webhooks/http-hooks.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'
import { team } from '../support/stage.ts'
import { initialized, promoted, renamed, standing } from './on-stage.ts'

/** What text may hold that means something to somebody on the way. */
const hostile: readonly string[] = [
  'quotes "double", \'single\' and `back`',
  'braces {{ .Name }} ${HOME} {% raw %}',
  'a="b"} or vector(1) # =~".*"',
  'two\nlines\r\nx-evil: 1',
  'nul\u0000 and bell\u0007',
  '__proto__',
  'constructor',
  '<script>alert(1)</script> & *bold* <!channel>',
  'a\u202Eb \u{1F426} ü',
  'x'.repeat(253),
  '; rm -rf / | cat $(id)',
  '../../etc/passwd',
  '%s %d %n %00',
]

describe.each(hostile)('%j', text => {
  it('in labels, annotations, metadata of hooks and names of metrics changes nothing of a rollout', async () => {
    const webhooks = [{ name: text, type: 'rollout', url: 'http://hooks.test/', metadata: { [text]: text } }]
    const metrics = [{ name: text, query: text, thresholdRange: { min: 99 } }]
    const [deployment, canary] = team({ analysis: { webhooks, metrics } }) as [KubeObject, KubeObject]
    const labelled = (object: KubeObject): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, [text]: text }, annotations: { [text]: text } },
    })
    const stage = await initialized({ objects: [deployment, canary].map(labelled) })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(new Set(stage.calls.map(({ hook }) => hook.name))).toEqual(new Set([text]))
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  // A key of this name is left out where a Canary is read.
  it.skipIf(text === '__proto__')('in the payload of a hook is what the receiver reads', () => {
    const webhooks = [{ name: 'check', type: 'rollout', url: 'http://hooks.test/', metadata: { [text]: text } }]
    const canary = aCanary({ analysis: { webhooks } })
    const [hook] = canary.spec.analysis.webhooks
    if (!hook) throw new Error('no hook')
    const { metadata } = JSON.parse(JSON.stringify(payloadOf({ canary, hook, phase: 'Progressing' }))) as { readonly metadata: object }
    expect(Object.entries(metadata)).toEqual([[text, text]])
  })

  it('in a variable that a template quotes stays one value of one label', () => {
    const query = 'up{tenant={{ variables.tenant | printf "%q" }}}'
    const selector = parse(renderQuery(query, { words: {}, variables: { tenant: text } }))
    expect(selector).toMatchObject({ kind: 'selector', matchers: [{ name: 'tenant', op: '=', value: text }, { name: '__name__' }] })
  })

  it('in a query and in a header of a store arrives to the letter, or is refused', async () => {
    const server = await loopbackServer(json({ status: 'success', data: { resultType: 'vector', result: [] } }))
    const store = prometheus.open()
    onTestFinished(() => store.close())
    const question = { address: server.url, query: text, headers: { 'x-tenant': [text] }, intervalMs: 60_000 }
    const answer = await store.ask(question, testIo())
    expect('silence' in answer).toBe(true)
    const [seen] = server.requests
    expect(seen?.headers['x-evil']).toBeUndefined()
    if (seen) expect(seen.query.get('query')).toBe(text.replace(/\s+/g, ' ').trim())
  })
})

describe('names as Kubernetes allows them', () => {
  it.each(['x'.repeat(55), 'podinfo-primary-canary', 'canary'])('%s is one of a target that is promoted', async name => {
    const stage = await initialized({ objects: [...team(), ...renamed(team(), name)] })
    await stage.until(() => stage.replicas(name) === 0)
    await stage.release('v2', {}, name)
    await stage.until(() => stage.image(`${name}-primary`) === 'podinfo:v2')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('that no Service may have are refused with a condition, and disturb nobody', async () => {
    const stage = await initialized({ objects: [...team(), ...renamed(team(), 'a.b.c')] })
    await stage.pass(30)
    const stalled = readStatus(stage.object(canaryKind, 'a.b.c')['status']).conditions?.find(({ type }) => type === 'Stalled')
    expect(stalled).toMatchObject({ reason: 'InvalidSpec', message: expect.stringContaining('spec.targetRef.name') })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('that are too long for what is made from them are refused with a condition, and disturb nobody', async () => {
    const long = 'x'.repeat(250)
    const stage = await initialized({ objects: [...team(), ...renamed(team(), long)] })
    await stage.pass(30)
    const stalled = readStatus(stage.object(canaryKind, long)['status']).conditions?.find(({ type }) => type === 'Stalled')
    expect(stalled?.status).toBe('True')
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})
