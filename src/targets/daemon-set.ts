import { daemonSetKind } from '../api/kinds.ts'
import { parkingMark } from '../api/marks.ts'
import { daemonSetPods } from './daemon-set-object.ts'
import { daemonSetReadiness } from './daemon-set-readiness.ts'
import { podPin, podPrimary, revisionOnPrimary, runsPin } from './pod-primary.ts'
import { inspectPods, podPrimaryIn, podStandIn } from './pod-target.ts'
import { isPodTemplate } from './pod-template.ts'
import { podOrigin } from './primary-origin.ts'
import type { FieldPatch, Target, WorkloadWithPrimary } from './workload.ts'

const placed = ({ object }: Target, mark: string | null): FieldPatch => ({
  kind: daemonSetKind,
  object,
  body: { spec: { template: { spec: { nodeSelector: { [parkingMark]: mark } } } } },
})

/** As the object itself says: whoever wants more pods of it than its nodes give has nothing to write. */
const isParked = ({ object }: Target): boolean => daemonSetPods.pods(object) === 0

/** A DaemonSet: its nodes say how many pods it has; parked means that no node suits it. */
export const daemonSet: WorkloadWithPrimary = {
  name: daemonSetKind.kind,
  can: { scale: false, select: true, rebuild: true },
  kind: daemonSetKind,
  kinds: [daemonSetKind],
  inspect: inspectPods(daemonSetPods),
  standIn: podStandIn(daemonSetPods),
  primaryIn: podPrimaryIn(daemonSetPods),
  accepts: isPodTemplate,
  pin: podPin(daemonSetPods),
  primary: podPrimary(daemonSetPods),
  revisionOf: revisionOnPrimary,
  runs: runsPin,
  origin: podOrigin,
  readiness: daemonSetReadiness,
  refusals: 'in events',
  park: target => (isParked(target) ? undefined : placed(target, 'true')),
  unpark: target => (isParked(target) ? placed(target, null) : undefined),
}
