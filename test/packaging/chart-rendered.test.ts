import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { readControllerConfig } from '../../src/config/controller-config.ts'
import { routers } from '../../src/routing/registry.ts'
import { hasHelm, lint, render } from './helm.ts'

const fieldValues = ['-f', join(import.meta.dirname, 'values/field.yaml')]

interface Container {
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[]
  readonly securityContext?: unknown
}

interface DeploymentSpec {
  readonly replicas: number
  readonly strategy?: { readonly type: string }
  readonly template: { readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] } }
}

const kindsOf = (objects: readonly KubeObject[]) => objects.map(({ kind }) => kind)
const named = (objects: readonly KubeObject[], kind: string): readonly KubeObject[] => objects.filter(one => one.kind === kind)

const deploymentOf = (objects: readonly KubeObject[]): DeploymentSpec => {
  const [found] = named(objects, 'Deployment')
  if (!found) throw new Error(`expected a Deployment, got ${kindsOf(objects)}`)
  return found['spec'] as DeploymentSpec
}

const containerOf = (objects: readonly KubeObject[]): Container => {
  const [container] = deploymentOf(objects).template.spec.containers
  if (!container) throw new Error('expected a container')
  return container
}

interface Rule {
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const rulesOf = (object: KubeObject | undefined): readonly Rule[] => (object?.['rules'] ?? []) as readonly Rule[]
const writesSecrets = (rules: readonly Rule[]) =>
  rules.some(({ resources, verbs }) => resources.includes('secrets') && verbs.includes('create'))

describe.runIf(hasHelm)('the rendered chart', () => {
  it('passes helm lint', () => expect(lint()).toContain('0 chart(s) failed'))

  it("passes helm lint with the values file of the field's chart", () => expect(lint(fieldValues)).toContain('0 chart(s) failed'))

  it('runs one replica at a time, as nobody, on a file system it cannot write', () => {
    const { replicas, strategy } = deploymentOf(render())
    expect([replicas, strategy?.type]).toEqual([1, 'Recreate'])
    expect(containerOf(render()).securityContext).toMatchObject({
      runAsUser: 10001,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  it('gives the controller the flags that the field gives', () => {
    const { args } = containerOf(render())
    expect(args[0]).toBe('controller')
    const wanted = ['-log-level=info', '-metrics-server=http://prometheus:9090', '-enable-config-tracking=true', '-slack-user=flagger']
    expect(args).toEqual(expect.arrayContaining(wanted))
    expect(args.some(flag => flag.startsWith('-mesh-provider'))).toBe(false)
  })

  it.each([
    ['no values', []],
    ["the values file of the field's chart", fieldValues],
    ['a provider, a namespace and an election', ['--set', 'meshProvider=istio,namespace=team,leaderElection.enabled=true,clusterName=a b']],
    ['everything that is passed on', ['--set', 'threadiness=4,kubeconfigQPS=5,kubeconfigBurst=6,ingressClass=c,noCrossNamespaceRefs=true']],
    ['flags of its own', ['--set', 'extraArgs[0]=-drain=30s']],
  ])('starts a controller that takes its flags, with %s', (_, values) => {
    const [, ...flags] = containerOf(render(...values)).args
    expect(readControllerConfig(flags, {}, { builtIn: routers.names })).toMatchObject({ kind: 'run' })
  })

  it('keeps credentials out of the arguments', () => {
    const address = 'https://chat.example/secret'
    const objects = render('--set', `slack.url=${address},slack.channel=general,eventWebhook=${address}`)
    expect(containerOf(objects).args.join(' ')).not.toContain('secret')
    expect(named(objects, 'Secret')[0]).toMatchObject({ stringData: { SLACK_URL: address, EVENT_WEBHOOK_URL: address } })
    expect(containerOf(objects).env).toContainEqual({
      name: 'SLACK_URL',
      valueFrom: { secretKeyRef: { name: 'flagger-serin', key: 'SLACK_URL', optional: false } },
    })
  })

  it('names no variable twice when env, values and a Secret that exists all bring credentials', () => {
    const set = 'slack.url=https://a.example,existingSecret=mine,env[0].name=SLACK_TOKEN,env[0].value=t'
    const names = containerOf(render('--set', set)).env?.map(({ name }) => name) ?? []
    expect(names).toHaveLength(6)
    expect(new Set(names).size).toBe(6)
  })

  it('makes no Secret without credentials', () => expect(kindsOf(render())).not.toContain('Secret'))

  it('elects a leader in the namespace of the release', () => {
    const objects = render('--set', 'leaderElection.enabled=true,leaderElection.replicaCount=2')
    expect(deploymentOf(objects)).toMatchObject({ replicas: 2 })
    expect(deploymentOf(objects).strategy).toBeUndefined()
    expect(containerOf(objects).args).toContain('-leader-election-namespace=flagger-system')
    expect(named(objects, 'Role')[0]?.metadata).toMatchObject({ name: 'flagger-serin-leader-election', namespace: 'flagger-system' })
  })

  it('limits every right to the one namespace it watches', () => {
    const objects = render('--set', 'namespace=team,leaderElection.enabled=true')
    expect(kindsOf(objects).filter(kind => kind.startsWith('ClusterRole'))).toEqual([])
    const places = [...named(objects, 'Role'), ...named(objects, 'RoleBinding')].map(({ metadata }) => metadata.namespace)
    expect(places).toEqual(['team', 'team', 'team', 'team'])
  })

  it('may not write Secrets where it does not track configuration', () => {
    const [tracking] = named(render(), 'ClusterRole')
    const [plain] = named(render('--set', 'configTracking.enabled=false'), 'ClusterRole')
    expect([rulesOf(tracking), rulesOf(plain)].map(writesSecrets)).toEqual([true, false])
  })

  it('may only write routes of the providers it is given', () => {
    const [role] = named(render('--set', 'rbac.providers={istio}'), 'ClusterRole')
    const resources = rulesOf(role).flatMap(rule => rule.resources)
    expect(resources).toContain('virtualservices')
    expect(resources).not.toContain('httproutes')
  })

  it('makes no rights when told so', () =>
    expect(kindsOf(render('--set', 'rbac.create=false,leaderElection.enabled=true')).filter(kind => kind.includes('Role'))).toEqual([]))

  it('asks a process for its health where it listens', () => {
    const probed = { httpGet: { path: '/healthz', port: 'http' } }
    expect(containerOf(render())).toMatchObject({
      livenessProbe: probed,
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
      ports: [{ name: 'http', containerPort: 8080 }],
    })
  })

  it('runs as the default account where it makes none', () =>
    expect(deploymentOf(render('--set', 'serviceAccount.create=false')).template.spec.serviceAccountName).toBe('default'))

  it('has a Service only for the ServiceMonitor', () => {
    expect(kindsOf(render())).not.toContain('Service')
    expect(kindsOf(render('--set', 'serviceMonitor.enabled=true'))).toEqual(expect.arrayContaining(['Service', 'ServiceMonitor']))
  })

  it('is scraped at /metrics of the port http, every half minute', () => {
    const [monitor] = named(render('--set', 'serviceMonitor.enabled=true'), 'ServiceMonitor')
    expect(monitor?.['spec']).toMatchObject({ endpoints: [{ port: 'http', path: '/metrics', interval: '30s', scrapeTimeout: '30s' }] })
  })

  it('puts the ServiceMonitor where it is told, and lets it look where the release is', () => {
    const [monitor] = named(render('--set', 'serviceMonitor.enabled=true,serviceMonitor.namespace=monitoring'), 'ServiceMonitor')
    expect(monitor?.metadata.namespace).toBe('monitoring')
    expect(monitor?.['spec']).toMatchObject({ namespaceSelector: { matchNames: ['flagger-system'] } })
  })

  it.each([
    ['podMonitor.enabled', 'PodMonitor'],
    ['podDisruptionBudget.enabled', 'PodDisruptionBudget'],
    ['linkerdAuthPolicy.create', 'AuthorizationPolicy'],
    ['crd.create', 'CustomResourceDefinition'],
  ])('makes with %s a %s', (value, kind) => expect(kindsOf(render('--set', `${value}=true`))).toContain(kind))

  it.each([
    ['controlplane.kubeconfig.secretName=other', 'another cluster'],
    ['prometheus.install=true', 'set metricsServer'],
    ['rbac.pspEnabled=true', 'PodSecurityPolicy'],
    ['msteams.url=https://teams.example', 'Microsoft Teams'],
    ['image.repository=mirror/fluxcd/flagger', 'no image of Serin'],
    ['leaderElection.replicaCount=2', 'leaderElection.enabled=true'],
    ['meshProvider=istio,rbac.providers={kubernetes}', 'add istio'],
    ['slak.url=x', "additional properties 'slak' not allowed"],
  ])('refuses %s', (set, words) => expect(() => render('--set', set)).toThrow(words))
})
