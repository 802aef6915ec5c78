import * as z from 'zod'
import { LabelSelector } from './selector.ts'
import { Condition, IntOrString, Labels, viewOf } from './view.ts'

const PodTemplate = z.looseObject({
  metadata: z.looseObject({ labels: Labels.optional(), annotations: Labels.optional() }).optional(),
  spec: z.looseObject({ nodeSelector: Labels.optional() }),
})
export type PodTemplate = z.infer<typeof PodTemplate>

const Rolling = z.looseObject({ maxSurge: IntOrString.optional(), maxUnavailable: IntOrString.optional() })

const DeploymentSpec = z.looseObject({
  replicas: z.int().default(1),
  selector: LabelSelector,
  template: PodTemplate,
  strategy: z
    .looseObject({ type: z.string().default('RollingUpdate'), rollingUpdate: Rolling.nullish() })
    .default({ type: 'RollingUpdate' }),
  minReadySeconds: z.int().default(0),
  revisionHistoryLimit: z.int().default(10),
  progressDeadlineSeconds: z.int().default(600),
  paused: z.boolean().default(false),
})

const DeploymentStatus = z.looseObject({
  observedGeneration: z.int().default(0),
  replicas: z.int().default(0),
  updatedReplicas: z.int().default(0),
  readyReplicas: z.int().default(0),
  availableReplicas: z.int().default(0),
  unavailableReplicas: z.int().default(0),
  collisionCount: z.int().optional(),
  conditions: z.array(Condition).default([]),
})
export type DeploymentStatus = z.infer<typeof DeploymentStatus>

export const readDeployment = viewOf(z.looseObject({ spec: DeploymentSpec, status: DeploymentStatus.prefault({}) }))
export type Deployment = ReturnType<typeof readDeployment>

const ReplicaSetStatus = z.looseObject({
  observedGeneration: z.int().default(0),
  replicas: z.int().default(0),
  fullyLabeledReplicas: z.int().default(0),
  readyReplicas: z.int().default(0),
  availableReplicas: z.int().default(0),
  conditions: z.array(Condition).default([]),
})
export type ReplicaSetStatus = z.infer<typeof ReplicaSetStatus>

const ReplicaSetSpec = z.looseObject({
  replicas: z.int().default(1),
  selector: LabelSelector,
  template: PodTemplate,
  minReadySeconds: z.int().default(0),
})

export const readReplicaSet = viewOf(z.looseObject({ spec: ReplicaSetSpec, status: ReplicaSetStatus.prefault({}) }))
export type ReplicaSet = ReturnType<typeof readReplicaSet>

const DaemonSetSpec = z.looseObject({
  selector: LabelSelector,
  template: PodTemplate,
  minReadySeconds: z.int().default(0),
  updateStrategy: z
    .looseObject({ type: z.string().default('RollingUpdate'), rollingUpdate: Rolling.nullish() })
    .default({ type: 'RollingUpdate' }),
})

export const readDaemonSet = viewOf(z.looseObject({ spec: DaemonSetSpec, status: z.looseObject({}).default({}) }))
export type DaemonSet = ReturnType<typeof readDaemonSet>
