import { completeController } from './controller-defaults.ts'
import { completeDefinition, definitionCauses } from './definition-rules.ts'
import type { JsonObject } from './json-value.ts'
import {
  admitEvent,
  admitNamespace,
  admitPod,
  bindingCauses,
  completeAutoscaler,
  completeNamespace,
  completePod,
  completeSecret,
  configMapCauses,
  eventCauses,
  leaseCauses,
  revisionCauses,
  secretCauses,
  unsortedRevision,
} from './plain-kinds.ts'
import { completeService, serviceCauses } from './service-rules.ts'
import type { StatusCause } from './status.ts'
import { podCauses, workloadCauses } from './workload-rules.ts'

/** What is special about one built-in kind when it is written. */
export interface Strategy {
  /** Defaults that depend on other fields. */
  readonly complete?: (object: JsonObject, before: JsonObject | undefined) => JsonObject
  /** What the server adds to a new object after its owners are settled, so that it belongs to nobody. */
  readonly admit?: (object: JsonObject) => JsonObject
  readonly validate?: (object: JsonObject, before: JsonObject | undefined) => readonly StatusCause[]
  /** What the server has against an object that nobody changed, once all of it is written anew: for a strategic merge, or an apply. */
  readonly rewrite?: (object: JsonObject) => readonly StatusCause[]
}

const plain: Strategy = {}

const workload: Strategy = { complete: completeController, validate: workloadCauses }

const strategies: Readonly<Record<string, Strategy>> = {
  namespaces: { complete: completeNamespace, admit: admitNamespace },
  pods: { complete: completePod, admit: admitPod, validate: podCauses },
  services: { complete: completeService, validate: serviceCauses },
  configmaps: { validate: configMapCauses },
  secrets: { complete: completeSecret, validate: secretCauses },
  events: { complete: (object, before) => (before ? admitEvent(object) : object), admit: admitEvent, validate: eventCauses },
  'leases.coordination.k8s.io': { validate: leaseCauses },
  'rolebindings.rbac.authorization.k8s.io': { validate: bindingCauses },
  'clusterrolebindings.rbac.authorization.k8s.io': { validate: bindingCauses },
  'deployments.apps': workload,
  'replicasets.apps': workload,
  'daemonsets.apps': workload,
  'statefulsets.apps': workload,
  'horizontalpodautoscalers.autoscaling': { complete: completeAutoscaler },
  'controllerrevisions.apps': { validate: revisionCauses, rewrite: unsortedRevision },
  'customresourcedefinitions.apiextensions.k8s.io': { complete: completeDefinition, validate: definitionCauses },
}

/** The strategy of a kind by resource id. */
export const strategyOf = (id: string): Strategy => strategies[id] ?? plain

/** Whether an object of this kind bears a strategic merge, or an apply. */
export const rewriteCauses = (id: string, object: JsonObject): readonly StatusCause[] => strategyOf(id).rewrite?.(object) ?? []
