import { deploymentKind } from '../api/kinds.ts'
import { deploymentPods } from './deployment-object.ts'
import { deploymentReadiness } from './deployment-readiness.ts'
import { rollingGently } from './gentle-roll.ts'
import { podPin, podPrimary, revisionOnPrimary, runsPin } from './pod-primary.ts'
import { inspectPods, podPrimaryIn, podStandIn } from './pod-target.ts'
import { isPodTemplate } from './pod-template.ts'
import { podOrigin } from './primary-origin.ts'
import type { FieldPatch, Target, WorkloadWithPrimary } from './workload.ts'

const sized = ({ object }: Target, replicas: number): FieldPatch => ({ kind: deploymentKind, object, body: { spec: { replicas } } })

/** A Deployment: parked means no replicas. */
export const deployment: WorkloadWithPrimary = {
  name: deploymentKind.kind,
  can: { scale: true, select: true, rebuild: true },
  kind: deploymentKind,
  kinds: [deploymentKind],
  inspect: inspectPods(deploymentPods),
  standIn: podStandIn(deploymentPods),
  primaryIn: podPrimaryIn(deploymentPods),
  accepts: isPodTemplate,
  pin: podPin(deploymentPods),
  primary: podPrimary(deploymentPods),
  rollingGently,
  revisionOf: revisionOnPrimary,
  runs: runsPin,
  origin: podOrigin,
  readiness: deploymentReadiness,
  park: target => (target.replicas === 0 ? undefined : sized(target, 0)),
  unpark: (target, replicas) => (target.replicas > 0 ? undefined : sized(target, Math.max(1, replicas))),
}
