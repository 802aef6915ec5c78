import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { aConfigMap, aDeployment } from './a-cluster.ts'
import { aServer } from './a-server.ts'

const inDefault = '/api/v1/namespaces/default/configmaps'

describe('a request', () => {
  it('without a token is that of a stranger, who may do nothing', async () => {
    await using one = await aServer()
    expect(await one.ask(inDefault, { token: '' })).toMatchObject({ code: 403, body: { kind: 'Status', reason: 'Forbidden' } })
  })

  it('with a wrong token gets 401', async () => {
    await using one = await aServer()
    expect((await one.ask(inDefault, { token: 'guess' })).code).toBe(401)
  })

  it('may carry its token as the password of basic authentication, as kubectl does over plain HTTP', async () => {
    await using one = await aServer()
    const authorization = `Basic ${Buffer.from(`serin:${one.server.adminToken}`).toString('base64')}`
    expect((await one.ask(inDefault, { token: '', headers: { authorization } })).code).toBe(200)
  })

  it('gets the date of the server clock', async () => {
    await using one = await aServer()
    await one.clock.advance(90_000)
    expect((await one.ask(inDefault)).headers.get('date')).toBe('Thu, 01 Jan 2026 00:01:30 GMT')
  })

  it('for a path that is not served gets 404', async () => {
    await using one = await aServer()
    const answers = await Promise.all(['/apis/nowhere/v1/things', '/nothing', '/api/v1/nothings'].map(path => one.ask(path)))
    expect(answers.map(({ code }) => code)).toEqual([404, 404, 404])
  })

  it('with a verb that a path does not have gets 405', async () => {
    await using one = await aServer()
    const asked = [
      one.ask(`${inDefault}/a`, { method: 'POST', body: aConfigMap('a') }),
      one.ask('/api/v1/configmaps', { method: 'POST', body: aConfigMap('a') }),
      one.ask(inDefault, { method: 'PUT', body: aConfigMap('a') }),
    ]
    expect((await Promise.all(asked)).map(({ code }) => code)).toEqual([405, 405, 405])
  })

  it('with a body that is no JSON gets 400', async () => {
    await using one = await aServer()
    expect(await one.ask(inDefault, { method: 'POST', body: '{' })).toMatchObject({ code: 400, body: { reason: 'BadRequest' } })
  })

  it('with a body in a form we do not read gets 415', async () => {
    await using one = await aServer()
    const headers = { 'content-type': 'application/vnd.kubernetes.unheard-of' }
    expect((await one.ask(inDefault, { method: 'POST', body: 'x', headers })).code).toBe(415)
  })

  it('of more than 3 MiB gets 413', async () => {
    await using one = await aServer()
    const body = aConfigMap('a', { x: 'x'.repeat(3 * 1024 * 1024) })
    expect(await one.ask(inDefault, { method: 'POST', body })).toMatchObject({ code: 413, body: { reason: 'RequestEntityTooLarge' } })
  })

  it('for an object with more data than a ConfigMap holds gets 422', async () => {
    await using one = await aServer()
    const body = aConfigMap('a', { x: 'x'.repeat(1.6 * 1024 * 1024) })
    expect((await one.ask(inDefault, { method: 'POST', body })).code).toBe(422)
  })

  it('with annotations beyond 256 KiB gets 422', async () => {
    await using one = await aServer()
    const body = aConfigMap('a', {}, { annotations: { x: 'x'.repeat(257 * 1024) } })
    expect(await one.ask(inDefault, { method: 'POST', body })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.annotations' }] } },
    })
  })

  it('is heard of by who counts requests', async () => {
    await using one = await aServer()
    await one.ask(`${inDefault}/a`)
    expect(one.audit).toEqual([
      expect.objectContaining({
        user: 'system:admin',
        userAgent: 'tester/1.0',
        verb: 'get',
        group: '',
        resource: 'configmaps',
        namespace: 'default',
        name: 'a',
        subresource: '',
        code: 404,
      }),
    ])
  })
})

describe('writing over HTTP', () => {
  it('creates with 201 and the program as field manager', async () => {
    await using one = await aServer()
    const { code, body } = await one.ask(inDefault, { method: 'POST', body: aConfigMap('a', { x: '1' }) })
    expect([code, body.metadata.managedFields[0].manager]).toEqual([201, 'tester'])
  })

  it('reads YAML', async () => {
    await using one = await aServer()
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'
    expect(await one.ask(`${inDefault}/a?fieldManager=git`, { method: 'PATCH', body, headers })).toMatchObject({
      code: 201,
      body: { data: { x: '1' } },
    })
  })

  it('warns of unknown fields', async () => {
    await using one = await aServer()
    const body = aDeployment('web', { nope: 1 })
    const { headers } = await one.ask('/apis/apps/v1/namespaces/default/deployments', { method: 'POST', body })
    expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.nope\\""')
  })

  it('answers a delete with what is gone', async () => {
    await using one = await aServer()
    await one.ask(inDefault, { method: 'POST', body: aConfigMap('a') })
    expect(await one.ask(`${inDefault}/a`, { method: 'DELETE' })).toMatchObject({
      code: 200,
      body: { kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } },
    })
  })

  it('deletes a whole selection', async () => {
    await using one = await aServer()
    for (const name of ['a', 'b']) await one.ask(inDefault, { method: 'POST', body: aConfigMap(name, {}, { labels: { name } }) })
    await one.ask(`${inDefault}?labelSelector=name%3Da`, { method: 'DELETE' })
    expect((await one.ask(inDefault)).body.items).toMatchObject([{ metadata: { name: 'b' } }])
  })

  it('binds a pod to a node', async () => {
    await using one = await aServer()
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:1' }] } }
    await one.ask('/api/v1/namespaces/default/pods', { method: 'POST', body: pod })
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    await one.ask('/api/v1/namespaces/default/pods/p/binding', { method: 'POST', body: binding })
    expect((await one.ask('/api/v1/namespaces/default/pods/p')).body.spec.nodeName).toBe('n')
  })
})

describe('forms of an answer', () => {
  it('items of built-in kinds leave out what the list says', async () => {
    await using one = await aServer()
    await one.ask(inDefault, { method: 'POST', body: aConfigMap('a', { x: '1' }) })
    const { body } = await one.ask(inDefault)
    expect([body.kind, body.apiVersion, Object.keys(body.items[0])]).toEqual(['ConfigMapList', 'v1', ['metadata', 'data']])
  })

  it('a list may be metadata only', async () => {
    await using one = await aServer()
    await one.ask(inDefault, { method: 'POST', body: aConfigMap('a', { key: 'hush' }) })
    const headers = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
    const { body } = await one.ask(inDefault, { headers })
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }] })
    expect(JSON.stringify(body)).not.toContain('hush')
  })

  it('a list may be a table', async () => {
    await using one = await aServer()
    await one.ask('/apis/apps/v1/namespaces/default/deployments', { method: 'POST', body: aDeployment() })
    await one.clock.advance(150_000)
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
    const { body } = await one.ask('/apis/apps/v1/namespaces/default/deployments', { headers })
    const shown = body.columnDefinitions.filter((column: { priority: number }) => column.priority === 0)
    expect(shown.map((column: { name: string }) => column.name)).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age'])
    expect(body.rows[0]).toMatchObject({
      cells: ['web', '0/1', 0, 0, '2m30s', 'web', 'web:1.0', 'app=web'],
      object: { kind: 'PartialObjectMetadata' },
    })
  })
})

describe('a watch over HTTP', () => {
  it('says what happens, line by line', async () => {
    await using one = await aServer()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1`)
    await one.ask(inDefault, { method: 'POST', body: aConfigMap('a') })
    await one.ask(`${inDefault}/a`, { method: 'DELETE' })
    expect([await lines.next(), await lines.next()]).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } } },
      { type: 'DELETED', object: { metadata: { name: 'a' } } },
    ])
    lines.close()
  })

  it('tells a forgotten version inside the stream', async () => {
    await using one = await aServer()
    one.server.store.compact()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1`)
    expect(await lines.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    expect(await lines.next()).toBeUndefined()
  })

  it('that asks for initial events must say that a later start will do', async () => {
    await using one = await aServer()
    expect((await one.ask(`${inDefault}?watch=1&sendInitialEvents=true`)).code).toBe(422)
    const lines = await one.watch(`${inDefault}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)
    expect(await lines.next()).toMatchObject({ type: 'BOOKMARK' })
    lines.close()
  })

  it('refuses a wrong selector before it begins', async () => {
    await using one = await aServer()
    expect((await one.ask(`${inDefault}?watch=1&fieldSelector=data.x%3D1`)).code).toBe(400)
  })

  it('sends a bookmark every minute to who asks for them', async () => {
    await using one = await aServer()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1&allowWatchBookmarks=true`)
    await one.clock.advance(60_000)
    expect(await lines.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { resourceVersion: expect.any(String) } },
    })
    lines.close()
  })

  it('ends when its time is up', async () => {
    await using one = await aServer()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1&timeoutSeconds=5`)
    await one.clock.advance(5000)
    expect(await lines.next()).toBeUndefined()
  })

  it('leaves no timer when the client goes', async () => {
    await using one = await aServer()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1`)
    expect(one.clock.pending).toBeGreaterThan(0)
    lines.close()
    await expect.poll(() => one.clock.pending).toBe(0)
  })

  it('ends when the server stops', async () => {
    const one = await aServer()
    const lines = await one.watch(`${inDefault}?watch=1&resourceVersion=1`)
    await one.server.stop()
    expect(await lines.next()).toBeUndefined()
    expect(one.clock.pending).toBe(0)
  })

  it('may be metadata only', async () => {
    await using one = await aServer()
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    const lines = await one.watch(`${inDefault}?watch=1`, { accept })
    await one.ask(inDefault, { method: 'POST', body: aConfigMap('a', { x: '1' }) })
    const event = await lines.next()
    expect([event.object.kind, event.object.data]).toEqual(['PartialObjectMetadata', undefined])
    lines.close()
  })
})

describe('roles', () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const allowReading = async (one: Awaited<ReturnType<typeof aServer>>) => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' } }
    const rules = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'], resourceNames: [] }]
    await one.ask(`${rbac}/namespaces/default/roles`, { method: 'POST', body: { ...role, rules } })
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'reader' } }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }
    const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }]
    await one.ask(`${rbac}/namespaces/default/rolebindings`, { method: 'POST', body: { ...binding, roleRef, subjects } })
    return one.server.addToken({ name: 'system:serviceaccount:default:bot' })
  }

  it('allow what they say', async () => {
    await using one = await aServer()
    const token = await allowReading(one)
    expect((await one.ask(inDefault, { token })).code).toBe(200)
  })

  it('allow nothing else, and the refusal says what was missing', async () => {
    await using one = await aServer()
    const token = await allowReading(one)
    expect(await one.ask('/api/v1/namespaces/kube-system/configmaps', { token })).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message:
          'configmaps is forbidden: User "system:serviceaccount:default:bot" cannot list resource "configmaps" in API group "" in the namespace "kube-system"',
      },
    })
  })

  it('must name subresources', async () => {
    await using one = await aServer()
    const token = one.server.addToken({ name: 'jane', groups: ['dev'] })
    const rules = [{ verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'] }]
    await one.ask(`${rbac}/clusterroles`, {
      method: 'POST',
      body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'd' }, rules },
    })
    await one.ask(`${rbac}/clusterrolebindings`, {
      method: 'POST',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'd' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'd' },
        subjects: [{ kind: 'Group', name: 'dev' }],
      },
    })
    const path = '/apis/apps/v1/namespaces/default/deployments/web'
    expect((await Promise.all([path, `${path}/status`].map(one_ => one.ask(one_, { token })))).map(({ code }) => code)).toEqual([404, 403])
  })

  it('hold for whom an administrator speaks', async () => {
    await using one = await aServer()
    expect((await one.ask(inDefault, { headers: { 'impersonate-user': 'bob' } })).body.message).toContain('User "bob" cannot list')
  })

  it('let nobody else speak for another', async () => {
    await using one = await aServer()
    const token = one.server.addToken({ name: 'jane' })
    const answer = await one.ask(inDefault, {
      token,
      headers: { 'impersonate-user': 'system:admin', 'impersonate-group': 'system:masters' },
    })
    expect(answer).toMatchObject({ code: 403, body: { message: expect.stringContaining('User "jane" cannot impersonate') } })
  })

  it('are not needed for discovery', async () => {
    await using one = await aServer()
    const token = one.server.addToken({ name: 'nobody' })
    expect((await one.ask('/apis', { token })).code).toBe(200)
  })

  it('can be asked about', async () => {
    await using one = await aServer()
    const token = await allowReading(one)
    const review = (verb: string) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, resource: 'configmaps', namespace: 'default' } },
    })
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const answers = await Promise.all(['get', 'delete'].map(verb => one.ask(path, { method: 'POST', body: review(verb), token })))
    expect(answers.map(({ body }) => body.status.allowed)).toEqual([true, false])
  })
})

it('the kubeconfig carries address and token', async () => {
  await using one = await aServer()
  const config = parse(one.server.kubeconfig())
  expect([new URL(config.clusters[0].cluster.server).port, config.users[0].user.token]).toEqual([
    new URL(one.server.url).port,
    one.server.adminToken,
  ])
})

it('health needs no token', async () => {
  await using one = await aServer()
  expect((await one.ask('/readyz', { token: '' })).body).toBe('ok')
})
