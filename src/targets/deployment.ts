import { deploymentKind } from '../api/kinds.ts'
import { primaryDeployment, revisionOnPrimary, settingsOf } from './deployment-primary.ts'
import { deploymentReadiness } from './deployment-readiness.ts'
import { deploymentStandIn, inspectDeployment } from './deployment-target.ts'
import type { FieldPatch, Target, Workload } from './workload.ts'

const sized = ({ object }: Target, replicas: number): FieldPatch => ({ kind: deploymentKind, object, body: { spec: { replicas } } })

/** A Deployment: parked means no replicas. */
export const deployment: Workload = {
  name: deploymentKind.kind,
  kind: deploymentKind,
  inspect: inspectDeployment,
  standIn: deploymentStandIn,
  pin: ({ object, template, templateHash }, digests) => ({ template, templateHash, configs: digests, settings: settingsOf(object) }),
  primary: primaryDeployment,
  revisionOf: revisionOnPrimary,
  readiness: deploymentReadiness,
  park: target => (target.replicas === 0 ? undefined : sized(target, 0)),
  unpark: (target, replicas) => (target.replicas > 0 ? undefined : sized(target, Math.max(1, replicas))),
}
