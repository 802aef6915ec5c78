/**
 * What a reason says of a rollout. `hold`: why it does not go on just now; `verdict`: what the checks found; `ended`: why it is over;
 * `obstacle`: why nothing is done, or could be done, at all; `news`: what happened.
 */
export type ReasonKind = 'hold' | 'verdict' | 'ended' | 'obstacle' | 'news'

/** What there is to know about a reason before it is given. */
export interface AboutReason {
  readonly kind: ReasonKind
  readonly meaning: string
  /** What to do next, for somebody who was woken up by it. */
  readonly next: string
  /** Type of its Kubernetes Event. */
  readonly event: 'Normal' | 'Warning'
  /** Severity of what chat hears of it; absent where chat hears nothing. */
  readonly alert?: 'info' | 'warn' | 'error'
  /** A hold that only a person can lift, during which nothing is done, or that ends by itself: no deadline counts against it. */
  readonly isPatient?: boolean
  /** A hold that comes from asking outside systems: it stays until they are asked again. */
  readonly isAnswer?: boolean
  /** A hold for want of pods: where it lasts, people are told why those are not ready. */
  readonly isAboutPods?: boolean
  /** Messages with this reason say themselves what to do, in the words of the case. */
  readonly saysNext?: boolean
}
type More = Partial<Pick<AboutReason, 'event' | 'alert' | 'isPatient' | 'isAnswer' | 'isAboutPods' | 'saysNext'>>

/** What a row of this kind is, unless it says otherwise. */
const row =
  (kind: ReasonKind, event: AboutReason['event']) =>
  (meaning: string, next: string, more: More = {}): AboutReason => ({ kind, meaning, next, event, ...more })

const hold = row('hold', 'Warning')
const verdict = row('verdict', 'Warning')
const ended = row('ended', 'Warning')
const obstacle = row('obstacle', 'Warning')
const news = row('news', 'Normal')

const nothing = 'Nothing: this is how it should be.'

/**
 * Every reason that a condition, an event, a log line or a metric may carry: stable and greppable.
 * `docs/reasons.md` is generated from this table, and messages for people end with its next step, unless they say it themselves.
 */
export const reasons = {
  PrimaryNotReady: hold(
    'The primary workload is not ready yet.',
    'The rollout goes on by itself when the pods that the message speaks of are ready; if that takes long, find out why they do not start.',
    { isAboutPods: true },
  ),
  CanaryNotReady: hold(
    'The canary workload is not ready yet.',
    'The rollout goes on by itself when the pods that the message speaks of are ready; if that takes long, find out why they do not start, or push a version that does.',
    { isAboutPods: true },
  ),
  CapacityMissing: hold(
    'The canary has too few ready pods for the share of the traffic that is its next.',
    'Make room for the pods that the message speaks of (quota, nodes, limits of the scaler); users stay where they are meanwhile.',
    { isAboutPods: true },
  ),
  EndpointsMissing: hold(
    'Pods that are ready are not in the endpoints of the Service that the route names, so that requests do not get to them.',
    'It goes on by itself when they are. If it takes long: see whether the kube-controller-manager runs, and whether the Service selects the pods (`kubectl get endpointslices -l kubernetes.io/service-name=NAME`).',
  ),
  EndpointsUnknown: hold(
    'It is not known which pods the Service of a track leads to.',
    'If it lasts, the right is missing: grant `list` and `watch` on `endpointslices` in `discovery.k8s.io`, as the chart does, or set `spec.skipCapacity`.',
  ),
  RouteNotAccepted: hold(
    'The mesh or ingress controller has not taken the route that was written.',
    'Look at the status of the route and at the log of its controller: it has to run, and to serve the gateway that the Canary names.',
    { event: 'Normal' },
  ),
  Draining: hold('Requests in flight on the track that no longer serves get time to finish.', 'Nothing: it goes on by itself.', {
    event: 'Normal',
    isPatient: true,
  }),
  GateClosed: hold(
    'A gate has not approved yet.',
    'Open the gate that the message names to go on; push another version, or answer yes from a rollback hook, to call the rollout off.',
    { alert: 'warn', isPatient: true, isAnswer: true },
  ),
  RevisionMoved: hold(
    'A tracked object changed between the decision and the write; it is looked at again.',
    'Nothing: it goes on by itself.',
  ),
  DeferredWrite: hold(
    'The API server refused a write; it is tried again with back-off.',
    'Remove what the message names: a missing right, an admission webhook, a quota, an invalid field.',
  ),
  Contested: hold(
    'Somebody else keeps changing an object back; it is written again now and then.',
    'Find out who writes the object (`kubectl get --show-managed-fields`) and let only one of the two do so.',
  ),

  MetricOutOfRange: verdict(
    'A metric was measured outside its range.',
    'Compare the value with the limit in the message: fix the version, or the limit if it is too strict.',
  ),
  HookFailed: verdict(
    'A pre-rollout or rollout hook answered with a failure.',
    'Read what the hook answered: fix the version that it tested, or the hook itself.',
  ),
  NoData: verdict(
    'The metric store answered but has no usable sample for a metric.',
    'Check that the canary gets requests (a load test hook sends some) and that the query finds its series in the metric store.',
    { isAnswer: true },
  ),
  AwaitingEvidence: verdict(
    'Metrics are not asked yet, or have no sample yet: what was measured so far may speak of the revision before.',
    'Nothing: it goes on by itself as soon as there are enough samples of this revision.',
    { event: 'Normal', isPatient: true, isAnswer: true },
  ),
  StoreUnreachable: verdict(
    'The metric store could not be asked.',
    'Check address, credentials and health of the metric store that the message names.',
    { alert: 'error', isAnswer: true },
  ),
  MetricTemplateMissing: verdict(
    'A metric refers to a MetricTemplate that does not exist.',
    'Create the MetricTemplate that the message names, or correct `templateRef`.',
    { isAnswer: true },
  ),
  MetricInvalid: verdict('A metric cannot be evaluated as it is written.', 'Correct the metric or its template as the message says.', {
    isAnswer: true,
  }),
  SecretMissing: verdict('A Secret, or a key in it, is missing.', 'Create the Secret, or add the key, that the message names.', {
    isAnswer: true,
  }),

  FailedChecksThreshold: ended(
    'The number of failed checks reached the threshold.',
    'See in `status.checks` and `status.history` what was measured; push a fix. To try the same version again, change an annotation of its pod template.',
    { alert: 'error' },
  ),
  ProgressDeadlineExceeded: ended(
    'The rollout did not get on before the progress deadline.',
    'Remove what the message names, then push a fix, or change an annotation of the pod template to try the same version again.',
    { alert: 'error' },
  ),
  NoEvidence: ended(
    'The metric store had nothing to say for as many intervals as the threshold allows.',
    'Make sure that the canary gets requests (a load test hook sends some) and that the query finds its series; then change an annotation of the pod template to try again.',
    { alert: 'error' },
  ),
  RollbackRequested: ended(
    'A rollback hook asked for the rollback.',
    'Ask whoever asked for it; stop the hook from saying yes before the next version is pushed.',
    { alert: 'warn' },
  ),
  PromotionFailed: ended(
    'The primary did not become ready with the new revision; the canary serves, or where it cannot, the primary gets back what was promoted before.',
    'Find out why the pods of the primary do not start; push a fix, and it is rolled out from what serves.',
    { alert: 'error' },
  ),
  RestoreFailed: ended(
    'The primary could not be given back what was promoted before; the canary serves, if it can.',
    'Users are served by the canary that was called off, or by nobody until pods come up. Find out why those of the primary do not start; push a version that is good.',
    { alert: 'error' },
  ),
  ReturnedToPromoted: ended('The target went back to the promoted revision; nothing is left to analyse.', nothing, { event: 'Normal' }),

  Suspended: obstacle('The Canary is suspended.', 'Set `spec.suspend` to false to go on.', {
    event: 'Normal',
    isPatient: true,
    saysNext: true,
  }),
  InvalidSpec: obstacle('The Canary cannot be carried out as it is written.', 'Correct the fields that the message names.', {
    isPatient: true,
    saysNext: true,
  }),
  UnknownProvider: obstacle(
    'The provider is not one that exists.',
    'Set `spec.provider`, or the flag `mesh-provider` of the controller, to one of those that the message lists.',
    { isPatient: true, saysNext: true },
  ),
  Conflict: obstacle(
    'Another Canary already claims the same target.',
    'Delete one of the two Canaries, or point it at another target; the older one acts meanwhile.',
    { isPatient: true, saysNext: true },
  ),
  TargetMissing: obstacle(
    'The target workload does not exist.',
    'Create the workload that `spec.targetRef` names, or correct the name. The primary keeps serving.',
    { alert: 'error', saysNext: true },
  ),
  TargetInvalid: obstacle('The target workload cannot be used as it is.', 'Correct the workload as the message says.', { saysNext: true }),
  ScalerMissing: obstacle('The scaler that autoscalerRef names does not exist.', 'Create the scaler, or remove `spec.autoscalerRef`.', {
    saysNext: true,
  }),
  ConfigUnreadable: obstacle(
    'A ConfigMap or Secret that the target refers to could not be read; it is tried again with back-off.',
    'Give the controller the right to read it, or see why the API server does not answer.',
  ),
  ConfigMissing: obstacle(
    'A ConfigMap or Secret that the target needs does not exist.',
    'Create it, or remove the reference (or mark it `optional`) in the pod template.',
    { saysNext: true },
  ),
  ForeignObject: obstacle(
    'An object of a name that Serin needs exists and belongs to somebody else.',
    'Delete or rename that object, or give the Canary names of its own (`spec.service.name`).',
  ),
  PinMissing: obstacle(
    'The pinned template of a revision was removed.',
    'Check what the primary runs now: it was built again from the target. Find out who deletes ControllerRevisions.',
    { alert: 'error' },
  ),
  OtherControllerActive: obstacle(
    'The Lease of another controller of these resources is live; two would fight over every route.',
    'Stop the other controller: Serin goes on by itself once its Lease is given back or runs out. To watch other namespaces than it does, set the flag yield-to-flagger to false.',
    { isPatient: true },
  ),
  CRDOutdated: obstacle(
    'The installed CRD drops status fields.',
    'Apply the CRDs that came with this version; nothing is done until then, and nothing is lost.',
    { isPatient: true, saysNext: true },
  ),
  ReplicasDeclaredElsewhere: obstacle(
    'Somebody applies manifests that declare `replicas` of a target; each time it gets pods that nobody needs, until it is parked again.',
    'Remove `replicas` from the manifest of the target: Serin sizes it while a revision is released, and the primary keeps its own size.',
  ),
  SpecNotes: obstacle(
    'The manifest works, but not all of it as it is written.',
    'Change the fields that the message names when it suits you.',
    { saysNext: true },
  ),

  PrimaryWithoutPods: news(
    'Somebody scaled the primary to zero while it serves; it gets pods again.',
    'Find out who scales the primary. Where it is meant to have no pods, set `spec.suspend` to true first: then nothing is touched.',
    { event: 'Warning' },
  ),
  StoresAnswer: news('Every metric store that the Canary names answers.', nothing),
  Initialized: news('The primary serves; the target is parked.', nothing, { alert: 'info' }),
  RevisionDetected: news('The target or its configuration changed; a rollout starts.', nothing, { alert: 'info' }),
  RevisionRestarted: news('A newer revision appeared in mid-run; the analysis starts again.', nothing),
  AnalysisRestarted: news('The spec changed so that the recorded weight cannot stay; the analysis starts again.', nothing),
  AnalysisStarted: news('The analysis begins.', nothing),
  CapacityLimitedByScaler: news(
    'A scaler allows fewer pods than the traffic would need; the rollout goes on with what it allows.',
    'Raise the largest number of replicas of the scaler, or look at what it measures, if these pods are too few.',
    { event: 'Warning' },
  ),
  WeightAdvanced: news('More live traffic goes to the canary.', nothing),
  IterationAdvanced: news('One more iteration of the analysis passed.', nothing),
  TrafficSwitched: news('All live traffic goes to the canary.', nothing),
  GatePassed: news('A gate approved.', nothing),
  HookPassed: news('A hook answered well.', nothing),
  PromotionStarted: news('The analysed template is copied to the primary.', nothing),
  TrafficReturning: news('Live traffic goes back to the primary.', nothing),
  PromotionFinished: news('The new revision is promoted.', nothing, { alert: 'info' }),
  RolledBack: news(
    'Live traffic is back on the healthy track; the canary is parked.',
    'The condition `Stalled` says why; push a fix, and a new rollout starts.',
    { event: 'Warning' },
  ),
  Terminating: news('What was there before is restored.', 'Nothing: the Canary goes when its target is ready and its route is taken back.'),
  RoutesMoved: news(
    'The spec asks for another provider or another name; the routes of the former one go once the new ones carry the traffic.',
    'Make sure that users come by the new routes: what Serin made for the former ones goes.',
  ),
  Terminated: news('What was there before is restored; the Canary can go.', nothing),
} as const satisfies Readonly<Record<string, AboutReason>>
export type Reason = keyof typeof reasons

/** What is known about a reason; undefined for one that is not ours (a phase, a newer version's). */
export const aboutReason = (reason: string): AboutReason | undefined =>
  Object.hasOwn(reasons, reason) ? reasons[reason as Reason] : undefined
