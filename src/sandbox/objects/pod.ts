import * as z from 'zod'
import { Condition, IntOrString, Labels, viewOf } from './view.ts'

export const ContainerPort = z.looseObject({ name: z.string().optional(), containerPort: z.int(), protocol: z.string().default('TCP') })
export type ContainerPort = z.infer<typeof ContainerPort>

const HttpGet = z.looseObject({
  path: z.string().default('/'),
  port: IntOrString,
  host: z.string().optional(),
  scheme: z.string().default('HTTP'),
  httpHeaders: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
})
const TcpSocket = z.looseObject({ port: IntOrString, host: z.string().optional() })
const Exec = z.looseObject({ command: z.array(z.string()).default([]) })

/** A probe with the API's own defaults. */
export const Probe = z.looseObject({
  httpGet: HttpGet.optional(),
  tcpSocket: TcpSocket.optional(),
  exec: Exec.optional(),
  initialDelaySeconds: z.int().default(0),
  periodSeconds: z.int().default(10),
  timeoutSeconds: z.int().default(1),
  successThreshold: z.int().default(1),
  failureThreshold: z.int().default(3),
  terminationGracePeriodSeconds: z.int().optional(),
})
export type Probe = z.infer<typeof Probe>

const LifecycleHandler = z.looseObject({
  httpGet: HttpGet.optional(),
  exec: Exec.optional(),
  sleep: z.looseObject({ seconds: z.int() }).optional(),
})
export type LifecycleHandler = z.infer<typeof LifecycleHandler>

const KeyRef = z.looseObject({ name: z.string().default(''), key: z.string(), optional: z.boolean().optional() })
const SourceRef = z.looseObject({ name: z.string().default(''), optional: z.boolean().optional() })

const ValueFrom = z.looseObject({
  fieldRef: z.looseObject({ fieldPath: z.string() }).optional(),
  configMapKeyRef: KeyRef.optional(),
  secretKeyRef: KeyRef.optional(),
  resourceFieldRef: z.looseObject({ resource: z.string(), divisor: z.string().optional() }).optional(),
})

export const EnvVar = z.looseObject({ name: z.string(), value: z.string().optional(), valueFrom: ValueFrom.optional() })
export type EnvVar = z.infer<typeof EnvVar>

export const EnvFrom = z.looseObject({ prefix: z.string().optional(), configMapRef: SourceRef.optional(), secretRef: SourceRef.optional() })
export type EnvFrom = z.infer<typeof EnvFrom>

const Quantities = z.record(z.string(), z.union([z.string(), z.number()])).optional()

export const Container = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: z.array(EnvVar).optional(),
  envFrom: z.array(EnvFrom).optional(),
  ports: z.array(ContainerPort).optional(),
  resources: z.looseObject({ limits: Quantities, requests: Quantities }).optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() })).optional(),
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  lifecycle: z.looseObject({ preStop: LifecycleHandler.optional() }).optional(),
})
export type Container = z.infer<typeof Container>

const Items = z.array(z.looseObject({ key: z.string(), path: z.string() })).optional()
const DownwardItem = z.looseObject({ path: z.string(), fieldRef: z.looseObject({ fieldPath: z.string() }).optional() })

/** What may stand below `volumes[]` and below `projected.sources[]`; the two name their ConfigMaps and Secrets differently. */
export const VolumeSource = z.looseObject({
  configMap: z.looseObject({ name: z.string().default(''), items: Items, optional: z.boolean().optional() }).optional(),
  secret: z
    .looseObject({ secretName: z.string().optional(), name: z.string().optional(), items: Items, optional: z.boolean().optional() })
    .optional(),
  downwardAPI: z.looseObject({ items: z.array(DownwardItem).default([]) }).optional(),
  emptyDir: z.looseObject({}).optional(),
  serviceAccountToken: z
    .looseObject({ path: z.string(), audience: z.string().optional(), expirationSeconds: z.int().default(3600) })
    .optional(),
})
export type VolumeSource = z.infer<typeof VolumeSource>

export const Volume = VolumeSource.extend({
  name: z.string(),
  projected: z.looseObject({ sources: z.array(VolumeSource).default([]) }).optional(),
})
export type Volume = z.infer<typeof Volume>

const ContainerState = z.looseObject({
  running: z.looseObject({ startedAt: z.string().nullish() }).optional(),
  waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  terminated: z.looseObject({ exitCode: z.int(), reason: z.string().optional() }).optional(),
})

const PodSpec = z.looseObject({
  nodeName: z.string().optional(),
  nodeSelector: Labels.optional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).default('Always'),
  terminationGracePeriodSeconds: z.int().default(30),
  initContainers: z.array(Container).optional(),
  containers: z.array(Container),
  volumes: z.array(Volume).optional(),
  serviceAccountName: z.string().optional(),
  dnsPolicy: z.string().optional(),
  readinessGates: z.array(z.looseObject({ conditionType: z.string() })).optional(),
})

const PodStatus = z.looseObject({
  phase: z.string().optional(),
  podIP: z.string().optional(),
  startTime: z.string().nullish(),
  conditions: z.array(Condition).optional(),
  containerStatuses: z
    .array(z.looseObject({ name: z.string(), ready: z.boolean(), restartCount: z.int(), state: ContainerState.optional() }))
    .optional(),
})

export const readPod = viewOf(z.looseObject({ spec: PodSpec, status: PodStatus.default({}) }))
export type Pod = ReturnType<typeof readPod>
