import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import type { Fence } from '../../src/kube/fence.ts'
import type { KubeApi, WatchEvent, WatchOptions } from '../../src/kube/kube-api.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, configMaps, deployments, secrets } from '../support/kinds.ts'
import { type Answer, inTurn, json, type LoopbackServer, loopbackServer } from '../support/loopback-server.ts'

const clock = systemClock()
const key = { namespace: 'test', name: 'podinfo' }
const nodes = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }

interface Options {
  readonly token?: string
  readonly fence?: Fence
}

/** An API against a scripted server; it repeats without waiting. */
const against = async (answer: Answer, { token = 'none', fence }: Options = {}): Promise<{ api: KubeApi; server: LoopbackServer }> => {
  const server = await loopbackServer(answer)
  const transport = createTransport({ server: server.url, clock, authenticate: async () => ({ authorization: `Bearer ${token}` }) })
  onTestFinished(() => transport.close())
  return { api: createKubeApi({ transport, random: () => 0, ...(fence && { fence }) }), server }
}

const io = () => testIo({ clock })
const failure = (reason: string, code: number, message = 'no'): Answer =>
  json({ kind: 'Status', status: 'Failure', reason, message, code }, code)
const cut: Answer = response => void response.destroy()
const watching: WatchOptions = { resourceVersion: '5', timeoutSeconds: 300 }

const eventsOf = async (api: KubeApi, options: WatchOptions = watching): Promise<WatchEvent[]> => {
  const events: WatchEvent[] = []
  for await (const event of api.watch(deployments, options, io())) events.push(event)
  return events
}

describe('reads', () => {
  it('get an object by its URL, with the token', async () => {
    const { api, server } = await against(json(aDeployment({ uid: 'u1' })), { token: 'secret-token' })
    expect((await api.get(deployments, key, io()))?.metadata.uid).toBe('u1')
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/apis/apps/v1/namespaces/test/deployments/podinfo' })
    expect(server.requests[0]?.headers.authorization).toBe('Bearer secret-token')
  })

  it('find core kinds below /api', async () => {
    const { api, server } = await against(json({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }))
    await api.get(nodes, { namespace: '', name: 'n' }, io())
    expect(server.requests[0]?.path).toBe('/api/v1/nodes/n')
  })

  it('answer undefined for an object that does not exist', async () => {
    const { api } = await against(failure('NotFound', 404))
    expect(await api.get(deployments, key, io())).toBeUndefined()
  })

  it('list one page with all that narrows it', async () => {
    const { api, server } = await against(json({ metadata: { resourceVersion: '7', continue: 'more' }, items: [] }))
    const wanted = { namespace: 'test', labelSelector: 'a=b', fieldSelector: 'metadata.name=x', limit: 500, continue: 'token' }
    expect(await api.list(deployments, wanted, io())).toEqual({ items: [], resourceVersion: '7', continue: 'more' })
    expect(server.requests[0]?.path).toBe('/apis/apps/v1/namespaces/test/deployments')
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      labelSelector: 'a=b',
      fieldSelector: 'metadata.name=x',
      limit: '500',
      continue: 'token',
    })
  })

  it('never name a resourceVersion when the quorum is asked', async () => {
    const { api, server } = await against(json({ metadata: {}, items: [] }))
    await api.list(deployments, { resourceVersion: '' }, io())
    expect(server.requests[0]?.query.has('resourceVersion')).toBe(false)
  })

  it('give list items the kind that the server leaves out', async () => {
    const { api } = await against(json({ metadata: {}, items: [{ metadata: { name: 'a' } }] }))
    expect((await api.list(deployments, {}, io())).items).toEqual([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } }])
  })

  it('ask for metadata only', async () => {
    const { api, server } = await against(json({ metadata: {}, items: [] }))
    await api.list(secrets, { metadataOnly: true }, io())
    expect(server.requests[0]?.headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json')
  })

  it('keep only metadata even from a server that sends everything', async () => {
    const item = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { password: 'aHVudGVyMg==' } }
    const { api } = await against(json({ metadata: {}, items: [item] }))
    expect((await api.list(secrets, { metadataOnly: true }, io())).items).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
    ])
  })

  it.each([500, 503, 504])('try again after a %d', async code => {
    const { api, server } = await against(inTurn(failure('InternalError', code), json(aDeployment())))
    await api.get(deployments, key, io())
    expect(server.requests.length).toBe(2)
  })

  it('try again after a reset', async () => {
    const { api, server } = await against(inTurn(cut, json(aDeployment())))
    await api.get(deployments, key, io())
    expect(server.requests.length).toBe(2)
  })

  it('give up after four attempts with what the server said', async () => {
    const { api, server } = await against(failure('InternalError', 500, 'etcd is on fire'))
    await expect(api.get(deployments, key, io())).rejects.toMatchObject({
      code: 'ServerError',
      message: 'get deployments test/podinfo: 500 InternalError: etcd is on fire',
    })
    expect(server.requests.length).toBe(4)
  })

  it('pass the fence: only writes ask it', async () => {
    const { api } = await against(json(aDeployment()), { fence: () => false })
    expect(await api.get(deployments, key, io())).toBeDefined()
  })

  it('report an answer that is not JSON', async () => {
    const { api } = await against(response => void response.writeHead(200).end('<html>'))
    await expect(api.get(deployments, key, io())).rejects.toMatchObject({ code: 'ServerError' })
  })
})

describe('writes', () => {
  it.each([
    ['keys in order, whatever it is about', { b: [{ d: 1, c: { f: 2, e: 3 } }], a: 0 }, '{"a":0,"b":[{"c":{"e":3,"f":2},"d":1}]}'],
    ['what means something in HTML escaped', { args: ['a && b > c < d'] }, '{"args":["a \\u0026\\u0026 b \\u003e c \\u003c d"]}'],
    ['separators of lines escaped', { text: '\u2028\u2029' }, '{"text":"\\u2028\\u2029"}'],
    ['letters of any language as they are', { text: 'Zürich 東京' }, '{"text":"Zürich 東京"}'],
    ['nothing where nothing is said', { a: undefined, b: null }, '{"b":null}'],
  ])('write what is new as Go would, %s: the server takes another spelling of a revision for another revision', async (_, data, text) => {
    const { api, server } = await against(json(aDeployment()))
    await api.create(deployments, { ...aDeployment(), data }, io())
    expect(server.requests[0]?.body).toContain(`"data":${text},"kind"`)
  })

  it('create with our field manager', async () => {
    const { api, server } = await against(json(aDeployment({ uid: 'u1' }), 201))
    expect((await api.create(deployments, aDeployment(), io())).metadata.uid).toBe('u1')
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/apis/apps/v1/namespaces/test/deployments' })
    expect([...(server.requests[0]?.query ?? [])]).toEqual([['fieldManager', 'serin']])
  })

  it('apply by force as our field manager', async () => {
    const { api, server } = await against(json(aDeployment()))
    await api.apply(deployments, aDeployment({ resourceVersion: '4' }), io())
    expect(server.requests[0]).toMatchObject({ method: 'PATCH', path: '/apis/apps/v1/namespaces/test/deployments/podinfo' })
    expect(server.requests[0]?.headers['content-type']).toBe('application/apply-patch+yaml')
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({ fieldManager: 'serin', force: 'true' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual(aDeployment({ resourceVersion: '4' }))
  })

  it.each([
    ['merge', 'application/merge-patch+json', { type: 'merge', body: { spec: { replicas: 2 } } }],
    ['json', 'application/json-patch+json', { type: 'json', body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] }],
  ] as const)('patch with a %s patch', async (_name, contentType, patch) => {
    const { api, server } = await against(json(aDeployment()))
    await api.patch(deployments, key, patch, io())
    expect(server.requests[0]?.headers['content-type']).toBe(contentType)
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual(patch.body)
  })

  it('patch the size alone through its subresource', async () => {
    const { api, server } = await against(json(aDeployment()))
    await api.patch(deployments, key, { type: 'merge', subresource: 'scale', body: { spec: { replicas: 2 } } }, io())
    expect(server.requests[0]?.path).toBe('/apis/apps/v1/namespaces/test/deployments/podinfo/scale')
  })

  it('replace the status subresource', async () => {
    const { api, server } = await against(json(aDeployment()))
    await api.updateStatus(deployments, aDeployment({ resourceVersion: '4' }), io())
    expect(server.requests[0]).toMatchObject({ method: 'PUT', path: '/apis/apps/v1/namespaces/test/deployments/podinfo/status' })
  })

  it('update the status without a say in who owns which field', async () => {
    const { api, server } = await against(json(aDeployment()))
    await api.updateStatus(deployments, aDeployment({ managedFields: [{ manager: 'serin', operation: 'Apply' }] }), io())
    expect(JSON.parse(server.requests[0]?.body ?? '').metadata).not.toHaveProperty('managedFields')
  })

  it('delete with preconditions', async () => {
    const { api, server } = await against(json({ kind: 'Status', status: 'Success' }))
    await api.delete(deployments, key, { uid: 'u1' }, io())
    expect(server.requests[0]?.method).toBe('DELETE')
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u1' }, propagationPolicy: 'Background' })
  })

  it('delete at once when no time to end is given', async () => {
    const { api, server } = await against(json({ kind: 'Status', status: 'Success' }))
    await api.delete(deployments, key, { gracePeriodSeconds: 0 }, io())
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ gracePeriodSeconds: 0, preconditions: {} })
  })

  it('are done when what they delete is gone already', async () => {
    const { api } = await against(failure('NotFound', 404))
    await expect(api.delete(deployments, key, {}, io())).resolves.toBeUndefined()
  })

  it('do not leave when the fence is closed', async () => {
    const { api, server } = await against(json(aDeployment()), { fence: () => false })
    await expect(api.apply(deployments, aDeployment(), io())).rejects.toMatchObject({ code: 'Fenced' })
    expect(server.requests.length).toBe(0)
  })
})

const mergeWithVersion = { type: 'merge', body: { metadata: { resourceVersion: '4' }, spec: {} } } as const
const jsonWithTest = { type: 'json', body: [{ op: 'test', path: '/spec/weight', value: 10 }] } as const
const safeWrites: readonly [string, (api: KubeApi) => Promise<unknown>][] = [
  ['an apply', api => api.apply(deployments, aDeployment(), io())],
  ['a merge patch with a resourceVersion', api => api.patch(deployments, key, mergeWithVersion, io())],
  ['a JSON patch with a test', api => api.patch(deployments, key, jsonWithTest, io())],
  ['a status update with a resourceVersion', api => api.updateStatus(deployments, aDeployment({ resourceVersion: '4' }), io())],
  ['a delete with a uid', api => api.delete(deployments, key, { uid: 'u1' }, io())],
]
const unsafeWrites: readonly [string, (api: KubeApi) => Promise<unknown>][] = [
  ['a create', api => api.create(deployments, aDeployment(), io())],
  ['a merge patch', api => api.patch(deployments, key, { type: 'merge', body: { spec: {} } }, io())],
  ['a JSON patch', api => api.patch(deployments, key, { type: 'json', body: [{ op: 'remove', path: '/spec' }] }, io())],
  ['a status update', api => api.updateStatus(deployments, aDeployment(), io())],
  ['a delete', api => api.delete(deployments, key, {}, io())],
]

describe('a write whose outcome is unknown', () => {
  it.each(safeWrites)('is sent again when it does no harm twice: %s', async (_name, write) => {
    const { api, server } = await against(inTurn(cut, json(aDeployment())))
    await write(api)
    expect(server.requests.length).toBe(2)
  })

  it.each(unsafeWrites)('is left to the caller when it might: %s without a precondition', async (_name, write) => {
    const { api, server } = await against(inTurn(cut, json(aDeployment())))
    await expect(write(api)).rejects.toMatchObject({ code: 'Unreachable', sent: true })
    expect(server.requests.length).toBe(1)
  })

  it.each(unsafeWrites)('is left to the caller after a 500 too: %s without a precondition', async (_name, write) => {
    const { api, server } = await against(inTurn(failure('InternalError', 500), json(aDeployment())))
    await expect(write(api)).rejects.toMatchObject({ code: 'ServerError' })
    expect(server.requests.length).toBe(1)
  })

  it('may be repeated when the server turned it away with 429', async () => {
    const { api, server } = await against(inTurn(failure('TooManyRequests', 429), json(aDeployment())))
    await api.create(deployments, aDeployment(), io())
    expect(server.requests.length).toBe(2)
  })
})

describe('failures', () => {
  it('of a test in a JSON patch mean that somebody was faster', async () => {
    const { api } = await against(failure('Invalid', 422, 'the server rejected our request due to an error in our request'))
    await expect(api.patch(deployments, key, jsonWithTest, io())).rejects.toMatchObject({ code: 'Conflict', disposition: 'retry' })
  })

  it('of an object that is refused name the fields, also for a JSON patch with a test', async () => {
    const details = { causes: [{ field: 'spec.weight', message: 'too heavy' }] }
    const { api } = await against(json({ kind: 'Status', reason: 'Invalid', message: 'no', details }, 422))
    await expect(api.patch(deployments, key, jsonWithTest, io())).rejects.toMatchObject({ code: 'Invalid', fields: ['spec.weight'] })
  })

  it.each([
    [400, 'BadRequest', 'Invalid', 'terminal'],
    [401, 'Unauthorized', 'Unauthorized', 'retry'],
    [403, 'Forbidden', 'Forbidden', 'terminal'],
    [404, 'NotFound', 'NotFound', 'terminal'],
    [409, 'Conflict', 'Conflict', 'retry'],
    [409, 'AlreadyExists', 'Conflict', 'retry'],
    [410, 'Expired', 'Gone', 'retry'],
    [422, 'Invalid', 'Invalid', 'terminal'],
  ])('of HTTP status %i %s become %s, which is %s', async (...row) => {
    const [status, reason, code, disposition] = row
    const { api } = await against(failure(reason, status, 'because'))
    await expect(api.create(deployments, aDeployment(), io())).rejects.toMatchObject({
      code,
      disposition,
      reason,
      httpStatus: status,
      message: `create deployments test/podinfo: ${status} ${reason}: because`,
    })
  })

  it('tell how long to stay away', async () => {
    const { api } = await against(json({ kind: 'Status', message: 'busy' }, 429, { 'retry-after': '60' }))
    await expect(api.get(deployments, key, io())).rejects.toMatchObject({ code: 'TooManyRequests', retryAfterMs: 60_000 })
  })

  it('show the first words of an answer that is no Status', async () => {
    const { api } = await against(response => void response.writeHead(403).end('<h1>Blocked\n by proxy</h1>'))
    await expect(api.apply(deployments, aDeployment(), io())).rejects.toThrow('403 Forbidden: <h1>Blocked by proxy</h1>')
  })

  it('of Secrets never quote the server, which may quote the secret', async () => {
    const { api } = await against(failure('Invalid', 422, 'data[password]: invalid value "hunter2"'))
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'test', name: 's' } }
    const error = await api.apply(secrets, secret, io()).catch(thrown => thrown)
    expect(error.message).toContain('422 Invalid')
    expect(error.message).not.toContain('hunter2')
  })

  it('never show the token', async () => {
    const { api } = await against(cut, { token: 'secret-token' })
    const error = await api.create(configMaps, aDeployment(), io()).catch(thrown => thrown)
    expect(JSON.stringify([error.message, String(error.cause), error])).not.toContain('secret-token')
  })
})

const lines =
  (...parts: readonly (string | Buffer)[]): Answer =>
  async response => {
    response.writeHead(200)
    for (const part of parts) {
      response.write(part)
      await new Promise(resolve => setTimeout(resolve, 2)) // so that parts arrive as chunks of their own
    }
    response.end()
  }
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`

describe('a watch', () => {
  it('asks for bookmarks from the version it is given', async () => {
    const { api, server } = await against(lines())
    await eventsOf(api)
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '300',
    })
  })

  it('ends when the server ends it', async () => {
    const { api } = await against(lines(line('ADDED', aDeployment()), line('BOOKMARK', aDeployment({ resourceVersion: '9' }))))
    expect((await eventsOf(api)).map(event => event.type)).toEqual(['ADDED', 'BOOKMARK'])
  })

  it('puts lines together that were cut anywhere, also inside a character', async () => {
    const whole = Buffer.from(line('ADDED', aDeployment({ annotations: { bird: '🐤 Kanarienvögel' } })) + line('DELETED', aDeployment()))
    const cuts = Array.from({ length: Math.ceil(whole.length / 7) }, (_, n) => whole.subarray(n * 7, n * 7 + 7))
    const { api } = await against(lines(...cuts))
    const events = await eventsOf(api)
    expect(events.map(event => event.type)).toEqual(['ADDED', 'DELETED'])
    expect(events[0]?.object.metadata.annotations).toEqual({ bird: '🐤 Kanarienvögel' })
  })

  it('rejects when the stream ends inside a line', async () => {
    const { api } = await against(lines(line('ADDED', aDeployment()), '{"type":"MODI'))
    await expect(eventsOf(api)).rejects.toMatchObject({ code: 'Unreachable' })
  })

  it('rejects when the connection is reset', async () => {
    const { api } = await against(response => {
      response.writeHead(200).write(line('ADDED', aDeployment()))
      setImmediate(() => response.socket?.resetAndDestroy())
    })
    await expect(eventsOf(api)).rejects.toMatchObject({ code: 'Unreachable' })
  })

  it('rejects a line that is not JSON', async () => {
    const { api } = await against(lines('{"type":\n'))
    await expect(eventsOf(api)).rejects.toMatchObject({ code: 'ServerError' })
  })

  it('rejects an event of a type nobody knows', async () => {
    const { api } = await against(lines(line('RENAMED', aDeployment())))
    await expect(eventsOf(api)).rejects.toThrow('got type "RENAMED"')
  })

  it('rejects with Gone when the version is too old', async () => {
    const { api } = await against(failure('Expired', 410))
    await expect(eventsOf(api)).rejects.toMatchObject({ code: 'Gone' })
  })

  it('hands an ERROR line on with its Status', async () => {
    const { api } = await against(lines(line('ERROR', { kind: 'Status', code: 410, message: 'too old' })))
    expect((await eventsOf(api))[0]).toMatchObject({ type: 'ERROR', object: { code: 410 } })
  })

  it('keeps only metadata when only metadata is wanted', async () => {
    const { api, server } = await against(lines(line('ADDED', { ...aDeployment(), data: 'x' })))
    const events = await eventsOf(api, { ...watching, metadataOnly: true })
    expect(events[0]?.object).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: aDeployment().metadata })
    expect(server.requests[0]?.headers.accept).toContain('as=PartialObjectMetadata;')
  })

  it('leaves times as the texts they are, like every other read', async () => {
    const born = aDeployment({ creationTimestamp: '2026-01-01T00:00:00Z' })
    const { api } = await against((response, request) =>
      request.query.has('watch') ? lines(line('ADDED', born))(response, request) : json({ metadata: {}, items: [born] })(response, request),
    )
    const [event] = await eventsOf(api)
    const [item] = (await api.list(deployments, {}, io())).items
    expect([event?.object.metadata.creationTimestamp, item?.metadata.creationTimestamp]).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
    ])
  })

  it('tells of every sign of life', async () => {
    let contacts = 0
    let arrived = () => {}
    const { api } = await against(async response => {
      for (const chunk of ['headers', '\n', line('ADDED', aDeployment())]) {
        const heard = new Promise<void>(resolve => {
          arrived = resolve
        })
        if (chunk === 'headers') response.writeHead(200).flushHeaders()
        else response.write(chunk)
        await heard // else two chunks may come as one
      }
      response.end()
    })
    const onContact = () => {
      contacts += 1
      arrived()
    }
    await eventsOf(api, { ...watching, onContact })
    expect(contacts).toBe(3)
  })

  it('closes its socket when the caller aborts', async () => {
    const { api, server } = await against(response => void response.writeHead(200).write(line('ADDED', aDeployment())))
    const caller = new AbortController()
    const watch = async () => {
      for await (const _ of api.watch(deployments, watching, testIo({ clock, signal: caller.signal }))) caller.abort(new Error('enough'))
    }
    await expect(watch()).rejects.toMatchObject({ code: 'Unreachable' })
    while (server.openSockets.size > 0) await new Promise(setImmediate)
  })

  it('closes its socket when the caller leaves the loop', async () => {
    const { api, server } = await against(response => void response.writeHead(200).write(line('ADDED', aDeployment())))
    for await (const _ of api.watch(deployments, watching, io())) break
    while (server.openSockets.size > 0) await new Promise(setImmediate)
  })
})
