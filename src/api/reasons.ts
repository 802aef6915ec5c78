/**
 * Every reason that a condition, an event, a log line or a metric may carry: stable and greppable.
 * What each one means, and what to do, is in `docs/reasons.md`, generated from this table.
 */
export const reasons = {
  // why a rollout holds
  PrimaryNotReady: 'The primary workload is not ready yet.',
  CanaryNotReady: 'The canary workload is not ready yet.',
  RouteNotAccepted: 'The mesh or ingress controller has not taken the route that was written.',
  Draining: 'Requests in flight on the track that no longer serves get time to finish.',
  GateClosed: 'A gate has not approved yet. Open it to go on.',
  RevisionMoved: 'A tracked object changed between the decision and the write; it is looked at again.',
  DeferredWrite: 'The API server refused a write; it is tried again with back-off.',
  Contested: 'Somebody else keeps changing an object back; it is written again now and then.',
  // verdicts of the checks
  MetricOutOfRange: 'A metric was measured outside its range.',
  HookFailed: 'A pre-rollout or rollout hook answered with a failure.',
  NoData: 'The metric store answered but has no usable sample for a metric.',
  StoreUnreachable: 'The metric store could not be asked.',
  MetricTemplateMissing: 'A metric refers to a MetricTemplate that does not exist.',
  MetricInvalid: 'A metric cannot be evaluated as it is written.',
  SecretMissing: 'A Secret, or a key in it, is missing.',
  // why a rollout ended
  FailedChecksThreshold: 'The number of failed checks reached the threshold.',
  ProgressDeadlineExceeded: 'The workload did not become ready before the progress deadline.',
  NoEvidence: 'The metric store had nothing to say for as many intervals as the threshold allows.',
  RollbackRequested: 'A rollback hook asked for the rollback.',
  PromotionFailed: 'The primary did not become ready with the new revision; the canary serves.',
  ReturnedToPromoted: 'The target went back to the promoted revision; nothing is left to analyse.',
  // why nothing is done at all
  Suspended: 'The Canary is suspended.',
  InvalidSpec: 'The Canary cannot be carried out as it is written.',
  UnknownProvider: 'The provider is not one that exists.',
  Conflict: 'Another Canary already claims the same target.',
  TargetMissing: 'The target workload does not exist.',
  TargetInvalid: 'The target workload cannot be used as it is.',
  ScalerMissing: 'The scaler that autoscalerRef names does not exist.',
  ConfigUnreadable: 'A ConfigMap or Secret that the target refers to could not be read; it is tried again with back-off.',
  ConfigMissing: 'A ConfigMap or Secret that the target needs does not exist.',
  ForeignObject: 'An object of a name that Serin needs exists and belongs to somebody else.',
  PinMissing: 'The pinned template of a revision was removed.',
  CRDOutdated: 'The installed CRD drops status fields; apply the CRDs that came with this version.',
  SpecNotes: 'The manifest works, but not all of it as it is written; the message says what to change.',
  // what happened
  StoresAnswer: 'Every metric store that the Canary names answers.',
  Initialized: 'The primary serves; the target is parked.',
  RevisionDetected: 'The target or its configuration changed; a rollout starts.',
  RevisionRestarted: 'A newer revision appeared in mid-run; the analysis starts again.',
  AnalysisRestarted: 'The spec changed so that the recorded weight cannot stay; the analysis starts again.',
  AnalysisStarted: 'The analysis begins.',
  WeightAdvanced: 'More live traffic goes to the canary.',
  IterationAdvanced: 'One more iteration of the analysis passed.',
  TrafficSwitched: 'All live traffic goes to the canary.',
  GatePassed: 'A gate approved.',
  HookPassed: 'A hook answered well.',
  PromotionStarted: 'The analysed template is copied to the primary.',
  TrafficReturning: 'Live traffic goes back to the primary.',
  PromotionFinished: 'The new revision is promoted.',
  RolledBack: 'Live traffic is back on the healthy track; the canary is parked.',
  Terminating: 'What was there before is restored.',
  Terminated: 'What was there before is restored; the Canary can go.',
} as const
export type Reason = keyof typeof reasons
