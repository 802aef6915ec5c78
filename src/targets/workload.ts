import type { Canary } from '../api/canary.ts'
import type { Json, KindRef, KubeObject, Manifest } from '../api/object.ts'
import type { Reason } from '../api/reasons.ts'
import type { Live } from '../core/live.ts'
import type { Readiness, ReadinessRule } from '../core/readiness.ts'

/** A ConfigMap or Secret that a pod template refers to. `key` is `configmap/<name>` or `secret/<name>` as in `status.trackedConfigs`. */
export interface ConfigRef {
  readonly key: string
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  /** False as soon as one reference insists on it. */
  readonly optional: boolean
}

/** One port of a generated Service. */
export interface DiscoveredPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number | string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

/** The target as found, in the terms the rest of the house needs. */
export interface Target {
  readonly object: KubeObject
  /** Whose readiness is that of the canary, where it is not the target's own. */
  readonly track?: KubeObject
  /** First of the selector labels that its selector has; `value` may differ from its name. */
  readonly label: { readonly key: string; readonly value: string }
  /** The pod template without what parking adds: what a revision is. */
  readonly template: Json
  /** Identity of the template: versioned hash of its canonical content, e.g. `s1-<20 hex>`; independent of key order and of our version. */
  readonly templateHash: string
  /** References of the template, sorted by key, each once. */
  readonly configs: readonly ConfigRef[]
  /** Other container ports, when the Canary asks for port discovery. */
  readonly ports: readonly DiscoveredPort[]
  /** Replicas its spec asks for now (0: parked). */
  readonly replicas: number
}

/** Why a target cannot be used: expected, came, what to do. */
export interface Unusable {
  readonly reason: Reason
  readonly message: string
}

/** What a look at the target comes to. */
export type Inspected = { readonly target: Target } | { readonly unusable: Unusable }

/** What a pin holds: the data of a ControllerRevision. */
export interface PinnedTemplate {
  readonly template: Json
  readonly templateHash: string
  /** Digest of each tracked configuration by key; its twin `<name>-primary` must carry exactly this digest. Untracked references are absent. */
  readonly configs: Readonly<Record<string, string>>
  /** Fields of the workload spec beside the template that the primary takes over (strategy, minReadySeconds, ...). */
  readonly settings: Readonly<Record<string, Json>>
}

/** Flags of the controller that shape derived objects. */
export interface TargetOptions {
  /** Candidate selector labels, in order. */
  readonly selectorLabels: readonly string[]
  /** Prefixes of labels and annotations copied to primary objects; `*` copies all, none copies none. */
  readonly includeLabelPrefix: readonly string[]
}

/** What the primary is derived from. */
export interface PrimarySource {
  readonly canary: Canary
  readonly target: Target
  readonly pin: PinnedTemplate
  /** The primary as it stands now, if it does. */
  readonly live: KubeObject | undefined
  /** Pods it should ask for; undefined leaves the number to its scaler. */
  readonly replicas: number | undefined
  readonly options: TargetOptions
}

/** A primary that another controller made, and what it may have been made from. */
export interface OriginSource {
  readonly canary: Canary
  readonly target: Target
  readonly primary: KubeObject
  readonly live: Live
  readonly options: TargetOptions
}

/** A change to fields of an object that is not ours. */
export interface FieldPatch {
  readonly kind: KindRef
  readonly object: KubeObject
  /** Merge patch body; the controller adds the resourceVersion. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What a kind of workload is able to do. Ask this; never compare names. */
export interface WorkloadAbilities {
  /** A scaler may tell it how many pods to have. */
  readonly scale: boolean
  /** Services select the pods of each track by a label, so that Serin makes them. Where not, the target brings what leads to its tracks. */
  readonly select: boolean
  /** A primary that is lost can be made again from its pin. */
  readonly rebuild: boolean
}

/** How many pods a primary has, and how many of them its traffic can do without. */
export interface RollingRoom {
  readonly pods: number
  readonly mayMiss: number
}

/** What the Service of a canary is derived from. */
export interface CanarySource {
  readonly canary: Canary
  readonly target: Target
  /** What it has to lead to, whatever the target says by now; undefined where that is what the target says. */
  readonly pin: PinnedTemplate | undefined
  readonly live: Live
  readonly options: TargetOptions
}

/** One kind of workload a Canary may target. Pure: the controller reads and writes. */
export interface Workload {
  /** Registry name: the kind of `targetRef` (with its group where kinds clash). */
  readonly name: string
  readonly can: WorkloadAbilities
  /** Kind of the target. */
  readonly kind: KindRef
  /** The kinds it needs cached, so that a pass reads nothing over the wire. */
  readonly kinds: readonly KindRef[]
  /** Looks at the target; a missing or unusable one is a value, not an error. */
  inspect(canary: Canary, live: Live, options: TargetOptions): Inspected
  /**
   * The target as far as its primary shows it, for where the target itself is missing or cannot be used: enough to route past it.
   * Undefined without a primary.
   */
  standIn(canary: Canary, live: Live, options: TargetOptions): Target | undefined
  /** What stands where the primary should be; `pin` is what it should run, as far as that is recorded. */
  primaryIn(canary: Canary, live: Live, pin?: PinnedTemplate): KubeObject | undefined
  /** Whether a pinned template is one of this kind of target. */
  accepts(template: Json): boolean
  /** Data of the pin for the target as it is. */
  pin(target: Target, digests: Readonly<Record<string, string>>): PinnedTemplate
  /**
   * The primary workload, complete in the fields we own; config references rewritten to the twins of the pinned configs. Absent where the
   * primary is no object of its own: then the layer that routes is told its name.
   */
  primary?(source: PrimarySource): Manifest
  /** Settings of a pin with which no more pods than may are missing while it is rolled; absent where nobody says how many pods there are. */
  rollingGently?(settings: PinnedTemplate['settings'], room: RollingRoom): PinnedTemplate['settings']
  /** What the revision of a pin is called, where the target keeps its revisions itself. */
  revisionName?(pin: PinnedTemplate): string
  /** The Service through which the canary is reached, where Serin makes none that selects its pods. */
  canaryService?(source: CanarySource): Manifest
  /** Identity of the revision a live primary runs, as we wrote it on it (`Pin.hash`: template and tracked configuration); undefined when we did not. */
  revisionOf(primary: KubeObject): string | undefined
  /** Whether the live primary runs exactly what the pin says, whoever made it. */
  runs?(source: PrimarySource): boolean
  /** The target as it was when another controller made this primary from it; `configs` are the sources of the copies that it refers to. */
  origin?(source: OriginSource): Target
  /** How far the target or its primary has come; `live` where that is said by other objects. */
  readiness(workload: KubeObject, rule: ReadinessRule, live?: Live): Readiness
  /** How the pods of a track are listed; absent where its selector says so. */
  podSelector?(track: KubeObject): string
  /** Where the API server's refusals to create its pods are told; in its status where this is absent. */
  readonly refusals?: 'in events'
  /** Undefined when it is parked already. */
  park(target: Target): FieldPatch | undefined
  /** Gives the target pods again; undefined when it has some. */
  unpark(target: Target, replicas: number): FieldPatch | undefined
}

/** A kind of workload whose primary is an object of its own. */
export type WorkloadWithPrimary = Workload & Required<Pick<Workload, 'primary'>>

export interface ScalerOptions extends TargetOptions {
  /** The twin never asks for fewer pods than these, as far as its own limit allows. */
  readonly leastPods?: number
}

/** The scaler of a target, and its twin for the primary. */
export interface Scaler {
  /** Registry name: the kind of `autoscalerRef`. */
  readonly name: string
  readonly kind: KindRef
  /** The twin `<name>-primary` of the scaler that the Canary names. */
  primary(canary: Canary, source: KubeObject, options: ScalerOptions): Manifest
  /** The smallest number of pods the scaler of the target allows. */
  minReplicas(source: KubeObject): number
  /** The largest number of pods that it allows. */
  maxReplicas(source: KubeObject): number
  /** Keeps it from giving pods to a parked target; undefined where it does so already, or of itself. */
  pause(source: KubeObject): FieldPatch | undefined
  /** Has it scale again what it was kept from; undefined where nothing keeps it. */
  resume(source: KubeObject): FieldPatch | undefined
}
