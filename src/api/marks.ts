/*
 * The marks by which controllers of this field know their own: field manager, annotations, labels. They are stored in clusters: API.
 */

/** The one field manager under which we apply. */
export const fieldManager = 'serin'

/** Field manager of the controller that Canaries are taken over from. */
export const formerFieldManager = 'flagger'

/** Keeps a Canary from going before what it changed is put back. */
export const finalizerMark = 'finalizer.flagger.app'

/** On a primary workload: identity of the revision it runs (`Pin.hash`). */
export const revisionMark = 'serin.dev/revision'

/** On a config twin: digest of the source it was copied from. */
export const digestMark = 'serin.dev/source-digest'

/** On what belongs to one Canary but is found by label: its name. */
export const canaryLabel = 'serin.dev/canary'

/** On the Services of both tracks, and with them on their EndpointSlices: which track they lead to. Only slices that carry it are watched. */
export const trackLabel = 'serin.dev/track'

/**
 * On the Services of the tracks of a core Service, and with them on their EndpointSlices: for which template they select. A slice with another
 * one lists the pods of the selection before.
 */
export const selectionLabel = 'serin.dev/selection'

/** On the pod template of a primary: changes with the revision and its configuration, and so rolls the pods. */
export const flaggerIdMark = 'flagger-id'

/** In the node selector of a target DaemonSet: no node carries it, so that the DaemonSet has no pods. */
export const parkingMark = 'flagger.app/scale-to-zero'

/** On a Knative Service: name of the revision that is the primary. */
export const primaryRevisionMark = 'flagger.app/primary-revision'

/** On a ConfigMap or Secret: a value that starts with `disable` keeps it out of tracking. */
export const configTrackingMark = 'flagger.app/config-tracking'

/** In keys of labels and annotations by which Flux knows its own; copied to a primary they would make Flux prune it. */
export const fluxMark = 'toolkit.fluxcd.io'

/** Tells Flux to leave the object alone, whoever declared it. */
export const fluxIgnore = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
} as const
