/** Where the kinds of the contract are served, in the namespace of the case. */
export const configMaps = '/api/v1/namespaces/{{ns}}/configmaps'
export const secrets = '/api/v1/namespaces/{{ns}}/secrets'
export const services = '/api/v1/namespaces/{{ns}}/services'
export const pods = '/api/v1/namespaces/{{ns}}/pods'
export const events = '/api/v1/namespaces/{{ns}}/events'
export const namespaces = '/api/v1/namespaces'
export const deployments = '/apis/apps/v1/namespaces/{{ns}}/deployments'
export const controllerRevisions = '/apis/apps/v1/namespaces/{{ns}}/controllerrevisions'
export const leases = '/apis/coordination.k8s.io/v1/namespaces/{{ns}}/leases'
export const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/{{ns}}/roles'
export const roleBindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/{{ns}}/rolebindings'
export const clusterRoles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
export const widgets = '/apis/contract.serin.test/v1/namespaces/{{ns}}/widgets'
export const canaries = '/apis/flagger.app/v1beta1/namespaces/{{ns}}/canaries'

type Json = Readonly<Record<string, unknown>>

export const aConfigMap = (name: string, data: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const aSecret = (name: string, rest: Json = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...rest })

/** Paused and empty, so that no controller has anything to do for it. */
export const aDeployment = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...metadata },
  spec: {
    paused: true,
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: aTemplate(name, [{ name: 'web', image: 'web:1.0' }]),
    ...spec,
  },
})

export const aTemplate = (app: string, containers: readonly Json[]) => ({
  metadata: { labels: { app } },
  spec: { containers },
})

export const aService = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, ...metadata },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
})

export const aPod = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'web', image: 'web:1.0' }], ...spec },
})

export const aRevision = (name: string, data: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name, ...metadata },
  data,
  revision: 1,
})

export const aLease = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
  spec,
})

export const aWidget = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'contract.serin.test/v1',
  kind: 'Widget',
  metadata: { name, ...metadata },
  spec: { size: 3, ...spec },
})

const analysis = { interval: '1m', threshold: 5, stepWeight: 10 }

export const aCanary = (name: string, spec: Json = {}, metadata: Json = {}) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name, ...metadata },
  spec: {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    service: { port: 80 },
    analysis,
    ...spec,
  },
})

export const aRole = (name: string, rules: readonly Json[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules,
})

export const anOwner = (apiVersion: string, kind: string, rest: Json) => ({ ownerReferences: [{ apiVersion, kind, ...rest }] })
