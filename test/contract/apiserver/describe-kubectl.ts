import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { aCanary, aConfigMap, aDeployment, aService } from './builders.ts'
import { cells, type Kubectl, kubectlIn } from './kubectl.ts'

/** A server that kubectl talks to. */
export interface KubectlServer {
  readonly kubeconfig: string
  stop(): Promise<void>
}

interface KubectlUnderTest {
  readonly name: string
  readonly binary: string
  start(): Promise<KubectlServer>
}

const root = resolve(import.meta.dirname, '../../..')
const limit = { timeout: 120_000 }
const announced = { timeout: 100_000, interval: 500 }

/** Plurals of the kinds that discovery announces. */
const ourKinds = async (kubectl: Kubectl): Promise<readonly string[]> =>
  cells(await kubectl('api-resources', '--api-group=flagger.app', '--no-headers')).map(([plural = '']) => plural)

const progressing = JSON.stringify({ status: { phase: 'Progressing', canaryWeight: 30, lastTransitionTime: '2026-01-01T00:00:00Z' } })

const setStatus = (kubectl: Kubectl, status = progressing): Promise<string> =>
  kubectl('patch', 'canary', 'web', '--subresource=status', '--type=merge', '-p', status)

const applied = 'deployment.apps/web serverside-applied\n'

const sizeOf = (kubectl: Kubectl): Promise<string> => kubectl('get', 'deployment/web', '-o', 'jsonpath={.spec.replicas}')

interface Owned {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string; readonly operation: string }[] }
}

/** As Serin parks: it sets the number, and gives its ownership back at once. */
const park = async (kubectl: Kubectl): Promise<void> => {
  const patch = (type: string, body: unknown) =>
    kubectl('patch', 'deployment/web', '--field-manager=serin', `--type=${type}`, '-p', JSON.stringify(body))
  await patch('merge', { spec: { replicas: 0 } })
  const { metadata }: Owned = JSON.parse(await kubectl('get', 'deployment/web', '-o', 'json', '--show-managed-fields'))
  const index = metadata.managedFields.findIndex(({ manager, operation }) => manager === 'serin' && operation === 'Update')
  const path = `/metadata/managedFields/${index}`
  await patch('json', [
    { op: 'test', path: `${path}/manager`, value: 'serin' },
    { op: 'remove', path },
  ])
}

/** What people and pipelines do with kubectl. */
export const describeKubectl = ({ name, binary, start }: KubectlUnderTest): void => {
  describe(`kubectl against ${name}`, { ...limit, concurrent: true }, () => {
    let server: KubectlServer | undefined
    const inNamespace = async (): Promise<Kubectl> => {
      const namespace = `kubectl-${randomUUID().slice(0, 8)}`
      const kubectl = kubectlIn(binary, server?.kubeconfig ?? '', namespace)
      await kubectl('create', 'namespace', namespace)
      return kubectl
    }

    beforeAll(async () => {
      server = await start()
      const kubectl = kubectlIn(binary, server.kubeconfig, 'default')
      await kubectl('apply', '--server-side', '--force-conflicts', '-f', resolve(root, 'crds'))
      await kubectl('wait', '--for=condition=Established', '--timeout=100s', 'crd/canaries.flagger.app')
      // Established is not yet announced: clients are told of a kind, and of its fields, a while later.
      await vi.waitFor(() => kubectl('explain', 'canary.spec.analysis.stepWeight'), announced)
      await vi.waitFor(async () => expect((await ourKinds(kubectl)).length).toBe(3), announced)
    }, 300_000)
    afterAll(() => server?.stop())

    it('get shows the columns of Canaries', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      await setStatus(kubectl)
      expect(cells(await kubectl('get', 'canaries'))).toEqual([
        ['NAME', 'STATUS', 'WEIGHT', 'LASTTRANSITIONTIME'],
        ['web', 'Progressing', '30', '2026-01-01T00:00:00Z'],
      ])
    })

    it('get shows more columns of Canaries on request', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      const [columns = []] = cells(await kubectl('get', 'canary', 'web', '-o', 'wide'))
      expect(columns).toEqual(expect.arrayContaining(['SUSPENDED', 'FAILEDCHECKS', 'INTERVAL', 'STEPWEIGHT', 'MAXWEIGHT']))
    })

    it('get shows YAML, JSON, names and single fields', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      expect(await kubectl('get', 'canary/web', '-o', 'yaml')).toContain('apiVersion: flagger.app/v1beta1\nkind: Canary\n')
      expect(JSON.parse(await kubectl('get', 'canary/web', '-o', 'json'))).toMatchObject({
        kind: 'Canary',
        spec: { service: { port: 80 } },
      })
      expect(await kubectl('get', 'canaries', '-o', 'name')).toBe('canary.flagger.app/web\n')
      expect(await kubectl('get', 'canary/web', '-o', 'jsonpath={.spec.analysis.interval}')).toBe('1m')
    })

    it('get selects by label and by field', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aConfigMap('a', {}, { labels: { app: 'a' } }), aConfigMap('b', {}, { labels: { app: 'b' } })])
      expect(await kubectl('get', 'configmaps', '-l', 'app in (a)', '-o', 'name')).toBe('configmap/a\n')
      expect(await kubectl('get', 'configmaps', '--field-selector', 'metadata.name=b', '-o', 'name')).toBe('configmap/b\n')
    })

    it('get of what is not there fails', async () => {
      const kubectl = await inNamespace()
      await expect(kubectl('get', 'canary', 'no')).rejects.toThrow('Error from server (NotFound): canaries.flagger.app "no" not found')
    })

    it('get -w follows a Canary', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      const lines = await kubectl.lines(3, ['get', 'canary', 'web', '--watch', '--output-watch-events'], () => setStatus(kubectl))
      expect(lines.map(line => cells(line)[0])).toEqual([
        ['EVENT', 'NAME', 'STATUS', 'WEIGHT', 'LASTTRANSITIONTIME'],
        ['ADDED', 'web'],
        ['MODIFIED', 'web', 'Progressing', '30', '2026-01-01T00:00:00Z'],
      ])
    })

    it('describe tells of a Canary', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      const told = await kubectl('describe', 'canary', 'web')
      expect(told).toMatch(/^Name: +web\n/)
      expect(told).toContain('Step Weight:  10')
      expect(told).toMatch(/Events: +<none>/)
    })

    it('describe tells of a Deployment', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aDeployment('web')])
      const told = await kubectl('describe', 'deployment', 'web')
      expect(told).toMatch(/StrategyType: +RollingUpdate/)
      expect(told).toMatch(/RollingUpdateStrategy: +25% max unavailable, 25% max surge/)
    })

    it('apply on the client side creates, leaves alone and changes', async () => {
      const kubectl = await inNamespace()
      const canary = aCanary('web', { suspend: true })
      expect(await kubectl.apply([canary])).toBe('canary.flagger.app/web created\n')
      expect(await kubectl.apply([canary])).toBe('canary.flagger.app/web unchanged\n')
      expect(await kubectl.apply([aCanary('web')])).toBe('canary.flagger.app/web configured\n')
      expect(await kubectl('get', 'canary/web', '-o', 'jsonpath={.spec.suspend}')).toBe('')
    })

    it('apply on the client side merges the lists of built-in kinds', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([
        aService('s', {
          ports: [
            { name: 'http', port: 80 },
            { name: 'grpc', port: 90 },
          ],
        }),
      ])
      expect(await kubectl.apply([aService('s', { ports: [{ name: 'grpc', port: 90 }] })])).toBe('service/s configured\n')
      expect(await kubectl('get', 'service/s', '-o', 'jsonpath={.spec.ports[*].name}')).toBe('grpc')
    })

    it('apply on the server side says what it did', async () => {
      const kubectl = await inNamespace()
      expect(await kubectl.apply([aCanary('web')], '--server-side')).toBe('canary.flagger.app/web serverside-applied\n')
    })

    it('apply on the server side stops at fields of others, unless forced', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aConfigMap('a', { x: '1' })], '--server-side', '--field-manager=git')
      const other = [aConfigMap('a', { x: '2' })]
      await expect(kubectl.apply(other, '--server-side')).rejects.toThrow('Apply failed with 1 conflict: conflict with "git": .data.x')
      expect(await kubectl.apply(other, '--server-side', '--force-conflicts')).toBe('configmap/a serverside-applied\n')
    })

    it('apply on the server side takes over what the client side applied', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aConfigMap('a', { x: '1', y: '1' })])
      await kubectl.apply([aConfigMap('a', { x: '1' })], '--server-side')
      expect(await kubectl('get', 'configmap/a', '-o', 'jsonpath={.data}')).toBe('{"x":"1"}')
    })

    it('apply on the server side leaves a target parked where its manifest omits replicas', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aDeployment('web', { replicas: undefined })], '--server-side')
      await park(kubectl)
      expect(await kubectl.apply([aDeployment('web', { replicas: undefined, minReadySeconds: 1 })], '--server-side')).toBe(applied)
      expect(await sizeOf(kubectl)).toBe('0')
    })

    it('apply on the server side meets no conflict where its manifest declares replicas of a parked target', async () => {
      const kubectl = await inNamespace()
      for (const replicas of [3, 3, 4]) {
        expect(await kubectl.apply([aDeployment('web', { replicas })], '--server-side')).toBe(applied)
        expect(await sizeOf(kubectl)).toBe(String(replicas))
        await park(kubectl)
      }
      expect(await sizeOf(kubectl)).toBe('0')
    })

    it('apply shows which rule a Canary breaks', async () => {
      const kubectl = await inNamespace()
      await expect(kubectl.apply([aCanary('web', { service: {} })])).rejects.toThrow(
        'The Canary "web" is invalid: spec: Invalid value: expected spec.service.port, got nothing; add it, for example port: 80',
      )
    })

    it('apply refuses fields that nobody knows', async () => {
      const kubectl = await inNamespace()
      await expect(kubectl.apply([aCanary('web', { nope: 1 })])).rejects.toThrow(/strict decoding error: unknown field "spec\.nope"/)
    })

    it('apply may be tried out', async () => {
      const kubectl = await inNamespace()
      expect(await kubectl.apply([aCanary('web')], '--dry-run=server')).toBe('canary.flagger.app/web created (server dry run)\n')
      await expect(kubectl('get', 'canary', 'web')).rejects.toThrow('not found')
    })

    it('patch knows three kinds of patches', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aDeployment('web')])
      const containers = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2.0' }] } } } }
      await kubectl('patch', 'deployment', 'web', '-p', JSON.stringify(containers))
      await kubectl('patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"minReadySeconds":3}}')
      await kubectl('patch', 'deployment', 'web', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]')
      const fields = '{.spec.template.spec.containers[0].image} {.spec.minReadySeconds} {.metadata.labels.a}'
      expect(await kubectl('get', 'deployment/web', '-o', `jsonpath=${fields}`)).toBe('web:2.0 3 b')
    })

    it('label, annotate, set image and scale change one thing', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aDeployment('web')])
      expect(await kubectl('label', 'deployment', 'web', 'tier=front')).toBe('deployment.apps/web labeled\n')
      expect(await kubectl('annotate', 'deployment', 'web', 'note=yes')).toBe('deployment.apps/web annotated\n')
      expect(await kubectl('set', 'image', 'deployment/web', 'web=web:3.0')).toBe('deployment.apps/web image updated\n')
      expect(await kubectl('scale', 'deployment', 'web', '--replicas=0')).toBe('deployment.apps/web scaled\n')
    })

    it('wait sees a field change', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      const waiting = kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=100s', 'canary/web')
      await setStatus(kubectl, '{"status":{"phase":"Succeeded"}}')
      expect(await waiting).toBe('canary.flagger.app/web condition met\n')
    })

    it('wait sees a condition', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      await setStatus(kubectl, '{"status":{"conditions":[{"type":"Promoted","status":"True","reason":"Succeeded"}]}}')
      expect(await kubectl('wait', '--for=condition=Promoted', '--timeout=100s', 'canary/web')).toBe(
        'canary.flagger.app/web condition met\n',
      )
    })

    it('wait sees an object go', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aConfigMap('a')])
      const waiting = kubectl('wait', '--for=delete', '--timeout=100s', 'configmap/a')
      await kubectl('delete', 'configmap', 'a')
      await expect(waiting).resolves.toBeDefined()
    })

    it('rollout status waits until a Deployment is rolled out', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aDeployment('web', { paused: false })])
      expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=100s')).toContain('deployment "web" successfully rolled out')
    })

    it('delete waits until the object is gone', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([aCanary('web')])
      expect(await kubectl('delete', 'canary', 'web')).toMatch(/^canary\.flagger\.app "web" deleted( from \S+ namespace)?\n$/)
      await expect(kubectl('get', 'canary', 'web')).rejects.toThrow('not found')
    })

    it('delete takes a whole selection', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply(['a', 'b', 'c'].map(letter => aConfigMap(letter, {}, { labels: { set: letter === 'a' ? 'first' : 'others' } })))
      await kubectl('delete', 'configmaps', '-l', 'set=others')
      expect(await kubectl('get', 'configmaps', '-l', 'set', '-o', 'name')).toBe('configmap/a\n')
    })

    it('explain tells what a field of a Canary is for', async () => {
      const kubectl = await inNamespace()
      const told = await kubectl('explain', 'canary.spec.analysis.stepWeight')
      expect(told).toMatch(/GROUP: +flagger\.app\nKIND: +Canary\nVERSION: +v1beta1/)
      expect(told).toContain('FIELD: stepWeight <number>')
    })

    it('explain knows the fields of built-in kinds', async () => {
      const kubectl = await inNamespace()
      expect(await kubectl('explain', 'deployment.spec.replicas')).toContain('FIELD: replicas <integer>')
      expect(await kubectl('explain', 'deployment.spec')).toMatch(/template\s+<PodTemplateSpec> -required-/)
    })

    it('api-resources lists our kinds', async () => {
      const kubectl = await inNamespace()
      expect((await ourKinds(kubectl)).toSorted()).toEqual(['alertproviders', 'canaries', 'metrictemplates'])
    })

    it('auth can-i asks what one may do', async () => {
      const kubectl = await inNamespace()
      expect(await kubectl('auth', 'can-i', 'delete', 'canaries')).toBe('yes\n')
      await expect(kubectl('auth', 'can-i', 'delete', 'canaries', '--as=serin-limited')).rejects.toThrow('no')
    })

    it('create makes ConfigMaps, Secrets and Roles', async () => {
      const kubectl = await inNamespace()
      expect(await kubectl('create', 'configmap', 'c', '--from-literal=a=b')).toBe('configmap/c created\n')
      expect(await kubectl('create', 'secret', 'generic', 's', '--from-literal=a=b')).toBe('secret/s created\n')
      expect(await kubectl('create', 'role', 'r', '--verb=get', '--resource=canaries.flagger.app')).toBe(
        'role.rbac.authorization.k8s.io/r created\n',
      )
    })

    it('events are listed', async () => {
      const kubectl = await inNamespace()
      await kubectl.apply([
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'e' },
          involvedObject: {
            kind: 'Canary',
            namespace: kubectl.namespace,
            name: 'web',
          },
          reason: 'Synced',
          message: 'shifted traffic',
          type: 'Normal',
          lastTimestamp: '2026-01-01T00:00:00Z',
        },
      ])
      expect(await kubectl('get', 'events')).toMatch(/Normal +Synced +canary\/web +shifted traffic/)
    })
  })
}
