import { parseLabelSelector } from '../apiserver/selectors.ts'
import { noSuchPath, notFound } from '../apiserver/status.ts'
import { timestamp } from '../objects/view.ts'
import type { ContainerRate, PodRate, Rates } from './usage-book.ts'

export const group = 'metrics.k8s.io'
export const version = 'v1beta1'
const apiVersion = `${group}/${version}`

/** What is known just now. */
export interface Known {
  readonly nodeName: string
  /** Undefined until two samples have been taken. */
  readonly rates: Rates | undefined
}

/** A request, as far as it says what is wanted. */
export interface Question {
  /** Without its query. */
  readonly path: string
  readonly labelSelector: string | undefined
}

const usageOf = (containers: readonly ContainerRate[]) => ({
  cpu: `${Math.round(containers.reduce((sum, { cpu }) => sum + cpu, 0) * 1e9)}n`,
  memory: `${Math.ceil(containers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / 1024)}Ki`,
})

const when = ({ atMs, windowMs }: Rates) => ({ timestamp: timestamp(atMs), window: `${(windowMs / 1000).toFixed(3)}s` })

const podMetrics = ({ namespace, name, labels, containers }: PodRate, rates: Rates) => ({
  kind: 'PodMetrics',
  apiVersion,
  metadata: { name, namespace, labels, creationTimestamp: timestamp(rates.atMs) },
  ...when(rates),
  containers: containers.map(container => ({ name: container.name, usage: usageOf([container]) })),
})

const nodeMetrics = (name: string, rates: Rates) => ({
  kind: 'NodeMetrics',
  apiVersion,
  metadata: { name, creationTimestamp: timestamp(rates.atMs) },
  ...when(rates),
  // What its pods use: the rest of the machine is not this node's.
  usage: usageOf(rates.pods.flatMap(({ containers }) => containers)),
})

type PodMetrics = ReturnType<typeof podMetrics>

const listOf = (kind: string, items: readonly unknown[]) => ({ kind: `${kind}List`, apiVersion, metadata: {}, items })

const resource = (name: string, kind: string, namespaced: boolean) => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get', 'list'],
})

const groupVersion = { groupVersion: apiVersion, version }
const groupDocument = { name: group, versions: [groupVersion], preferredVersion: groupVersion }

const discovery: Readonly<Record<string, unknown>> = {
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupDocument] },
  [`/apis/${group}`]: { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument },
  [`/apis/${apiVersion}`]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: [resource('nodes', 'NodeMetrics', false), resource('pods', 'PodMetrics', true)],
  },
}

const podPath = new RegExp(`^/apis/${apiVersion}/(?:namespaces/([^/]+)/)?pods(?:/([^/]+))?$`)
const nodePath = new RegExp(`^/apis/${apiVersion}/nodes(?:/([^/]+))?$`)

type Found = readonly (string | undefined)[]

const podsFor = ({ rates }: Known, { labelSelector }: Question, [, namespace, name]: Found): unknown => {
  const all: readonly PodMetrics[] = rates ? rates.pods.map(pod => podMetrics(pod, rates)) : []
  const inScope = all.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
  if (name === undefined) return listOf('PodMetrics', inScope.filter(parseLabelSelector(labelSelector)))
  const one = inScope.find(({ metadata }) => metadata.name === name)
  if (!one) throw notFound({ group, plural: 'pods', kind: 'PodMetrics', name: `${namespace}/${name}` })
  return one
}

const nodesFor = ({ nodeName, rates }: Known, [, name]: Found): unknown => {
  const items = rates ? [nodeMetrics(nodeName, rates)] : []
  if (name === undefined) return listOf('NodeMetrics', items)
  const one = items.find(({ metadata }) => metadata.name === name)
  if (!one) throw notFound({ group, plural: 'nodes', kind: 'NodeMetrics', name })
  return one
}

/** What the resource metrics API answers. @throws {StatusError} 404 for what is not there, 400 for a selector that makes no sense */
export const documentFor = (question: Question, known: Known): unknown => {
  const document = discovery[question.path.replace(/\/$/, '')]
  if (document !== undefined) return document
  const pods = podPath.exec(question.path)
  if (pods) return podsFor(known, question, pods)
  const nodes = nodePath.exec(question.path)
  if (nodes) return nodesFor(known, nodes)
  throw noSuchPath()
}
