/*
 * One Canary, from its first day to its deletion: the loop of Serin, and what goes on around it.
 *
 * The controller remembers nothing but what `status` holds. A pass looks at the world, decides, records what it decided, and makes the
 * world follow, one write at a time. It may be cut off after every single write: a crash is a pass that begins again with what is stored.
 * Beside it users change their minds and pods come up, break and come back, at any moment between two of its steps.
 *
 * What the properties below promise is told in docs/reliability.md. `npm run model` checks them with spin, and holds src/core to every
 * arrow of this file. Without BOUNDED disturbances never end: that is what safety is checked with. Liveness needs them to end one day.
 */

/* The states of the machine, in the order of src/api/phases.ts. */
#define Initializing_creating 0
#define Initializing_switching 1
#define Initialized_parking 2
#define Initialized 3
#define Waiting 4
#define Progressing_scaling 5
#define Progressing_starting 6
#define Progressing_analysing 7
#define Progressing_switching 8
#define WaitingPromotion 9
#define Promoting_copying 10
#define Promoting_sizing 11
#define Promoting_shifting 12
#define Promoting_settling 13
#define Finalising_draining 14
#define Finalising_parking 15
#define Succeeded 16
#define Failed_restoring 17
#define Failed_returning 18
#define Failed_parking 19
#define Failed 20
#define Terminating_reverting 21
#define Terminating_draining 22

/* What moves the machine, gravest first as src/core/news.ts looks for it. */
#define NOTHING 0
#define DELETED 1
#define REVISION_CHANGED 2
#define RETURNED_TO_PROMOTED 3
#define CANARY_STUCK 4
#define PRIMARY_STUCK 5
#define DEADLINE_EXCEEDED 6
#define CHECKS_FATAL 7
#define CHECKS_FAILED 8
#define CHECKS_WAITING 9
#define CHECKS_INCONCLUSIVE 10
#define CHECKS_PASSED 11
#define CONVERGED 12
#define BOTH_STUCK 13

/* Pods of a track. ROLLING has some that serve, of an earlier template; STARTING and STUCK have none that count. */
#define DOWN 0
#define STARTING 1
#define ROLLING 2
#define READY 3
#define STUCK 4

/* What came of making the world follow. */
#define UNTRIED 0
#define HELD 1
#define OVERDUE 2
#define STANDS 3
#define PENDING 4

/* Weights are 0, 50 and 100 percent. */
#define NONE 0
#define HALF 1
#define ALL 2

#define ITERATIONS 1
#define REVISIONS 3

/* How the rollout is to run. Somebody may give up its analysis in mid-run. */
#define BLUE_GREEN 1
#define RETURNS_IN_STEPS 2
#define GATED 3
#define SKIPS 4
byte plan = 0;
#define blueGreen (plan == BLUE_GREEN)
#define returnsInSteps (plan == RETURNS_IN_STEPS)
#define gated (plan == GATED)
#define skips (plan == SKIPS)

/* status */
byte st = Initializing_creating;
byte weight = NONE, failedChecks = 0, unanswered = 0, iterations = 0;
byte analysed = 1, promoted = 1;
bool servesFromCanary = false;

/* the world */
byte target = 1;              /* the revision that the target asks for */
byte canary = READY;          /* its pods; one that is parked is DOWN */
byte primary = DOWN;
byte primaryRevision = 0;
byte route = NONE;            /* the weight that the route carries */
bool apexOnPrimary = false;
bool deleting = false, gone = false;

/* what one pass saw and found out; nothing of it outlives the pass */
byte seen = 0, seenCanary = 0, seenPrimary = 0;
bool seenDeleting = false, inPass = false;
byte verdict = NOTHING, standing = UNTRIED, event = NOTHING, wanted = 0;
bool wrote = false;

/* ghosts: what only the properties ask for */
bool passed = false;          /* the revision under analysis passed the checks of its last step */
bool onlyPassedPromoted = true;
bool raisedBlindly = false;

#ifdef BOUNDED
byte crashes = 0, pushes = 0, troubles = 0;
#define mayCrash (crashes < 1)
#define mayPush (pushes < 2)
#define mayFail (troubles < 1)
#define THRESHOLD 1
#define COUNT(what) what++
#define BETWEEN true
#else
#define mayCrash true
#define mayPush true
#define mayFail true
#define THRESHOLD 2
#define COUNT(what) skip
#define BETWEEN (!inPass)
#endif

#ifdef STEPS
/* Each decision on a line of its own: plan, status, what was seen, the event, the next status. src/core is held against them. */
c_decl {
  static int b[8];
};
#define BEFORE c_code { \
  b[0] = now.st; b[1] = now.weight; b[2] = now.failedChecks; b[3] = now.iterations; \
  b[4] = now.analysed; b[5] = now.promoted; b[6] = now.servesFromCanary; b[7] = now.unanswered; }
#define AFTER c_code { \
  printf("STEP %d %d %d %d %d %d %d %d %d ", now.plan, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]); \
  printf("%d %d %d %d %d %d %d ", now.seen, now.seenCanary, now.seenPrimary, now.seenDeleting, now.verdict, now.standing, now.event); \
  printf("%d %d %d %d %d %d ", now.st, now.weight, now.failedChecks, now.iterations, now.analysed, now.promoted); \
  printf("%d %d\n", now.servesFromCanary, now.unanswered); }
#else
#define BEFORE skip
#define AFTER skip
#endif

#define isStart (st == Initialized_parking || st == Initialized || st == Succeeded || st == Failed_parking || st == Failed)
#define mayCallOff (st >= Promoting_copying && st <= Finalising_parking && analysed != promoted)
#define isAnalysis (st >= Progressing_scaling && st <= WaitingPromotion)
#define isNew (seen != promoted && seen != analysed)
#define afterCopy (st >= Promoting_copying && st <= Finalising_parking)
#define wantedPrimary ((afterCopy || st <= Initializing_switching) -> analysed : promoted)
#define isTop (blueGreen -> weight == ALL || iterations > ITERATIONS : weight == ALL)
#define isLast (blueGreen -> iterations >= ITERATIONS : weight == ALL)
#define canaryHasPods (canary == READY || canary == ROLLING)
#define isLate ((st >= Promoting_sizing && st <= Promoting_settling) || st == Failed_restoring)
/* The canary can take over from a primary that does not come up. */
#define standsIn (servesFromCanary || (seen == analysed && (seenCanary == READY || seenCanary == ROLLING)))
#define hasDeadline (st != Waiting && st >= Progressing_scaling && (st <= Finalising_parking || st == Failed_restoring || st == Failed_returning))

/* One look: everything at once, and nothing of it is looked at again before the next. */
inline look() {
  d_step {
    seen = target;
    seenCanary = canary;
    seenPrimary = (primaryRevision == wantedPrimary -> primary : (primary == DOWN || primary == STARTING -> STARTING : ROLLING));
    seenDeleting = deleting; inPass = true
  }
}

/* The one thing that happened, if any: src/core/news.ts. */
inline news() {
  if
  :: seenDeleting && st < Terminating_reverting -> event = DELETED
  :: seenDeleting && st >= Terminating_reverting ->
       event = (st == Terminating_reverting && standing == STANDS -> CONVERGED : NOTHING)
  :: else ->
       if
       :: (isAnalysis || st == Promoting_copying) && seen != analysed ->
            event = (seen == promoted && !servesFromCanary -> RETURNED_TO_PROMOTED : REVISION_CHANGED)
       :: st <= Initializing_switching && seen != analysed -> event = REVISION_CHANGED
       :: st == Waiting && !isNew -> event = RETURNED_TO_PROMOTED
       :: isStart && isNew && !gated -> event = REVISION_CHANGED
       :: else ->
            if
            :: isAnalysis && seenCanary == STUCK -> event = CANARY_STUCK
            :: ((st >= Promoting_sizing && st <= Finalising_draining && !(st == Finalising_draining && analysed == promoted)) ||
                st == Failed_restoring) && seenPrimary == STUCK -> event = (standsIn -> PRIMARY_STUCK : BOTH_STUCK)
            :: else ->
                 if
                 :: standing == OVERDUE && hasDeadline -> event = (isLate && !standsIn -> BOTH_STUCK : DEADLINE_EXCEEDED)
                 :: standing != OVERDUE && (verdict == CHECKS_FATAL || verdict == CHECKS_FAILED) -> event = verdict
                 :: standing != OVERDUE && verdict >= CHECKS_WAITING -> event = (standing == STANDS -> verdict : NOTHING)
                 :: standing != OVERDUE && verdict == NOTHING -> event = (standing == STANDS -> CONVERGED : NOTHING)
                 :: else -> event = NOTHING
                 fi
            fi
       fi
  fi
}

inline begin() {
  analysed = seen; failedChecks = 0; unanswered = 0; iterations = 0;
  weight = (servesFromCanary -> ALL : NONE);
  passed = false;
  st = Progressing_scaling
}

inline rollBack() {
  weight = (servesFromCanary -> ALL : NONE);
  failedChecks = 0; unanswered = 0; iterations = 0;
  st = Failed_returning
}

/* The primary cannot run what was promoted: the canary, which can, serves alone. */
inline promotionFails() {
  servesFromCanary = true; promoted = analysed;
  rollBack()
}

inline finish() {
  promoted = analysed; weight = NONE; failedChecks = 0; unanswered = 0; iterations = 0; servesFromCanary = false;
  st = Succeeded
}

inline cancel() {
  analysed = promoted; weight = NONE; failedChecks = 0; unanswered = 0; iterations = 0;
  st = Finalising_draining
}

inline returnTraffic() {
  servesFromCanary = false;
  weight = (returnsInSteps && weight > NONE -> weight - 1 : NONE);
  st = (weight == NONE -> Promoting_settling : Promoting_shifting)
}

/* What passed checks lead to, at a weight or an iteration. */
inline advance() {
  if
  :: skips -> st = Promoting_copying
  :: else ->
       if
       :: !blueGreen && weight < ALL -> weight++; st = Progressing_analysing
       :: blueGreen && iterations < ITERATIONS -> iterations++; st = Progressing_analysing
       :: blueGreen && iterations >= ITERATIONS && weight < ALL -> weight = ALL; iterations++; st = Progressing_switching
       :: else -> st = Promoting_copying
       fi
  fi
}

/* The machine, every arrow visible: src/core/machine.ts. What is not listed leaves everything as it is. */
inline arrow() {
  if
  :: event == DELETED -> st = Terminating_reverting

  :: event == REVISION_CHANGED && st <= Initializing_switching -> analysed = seen; promoted = seen; st = Initializing_creating
  :: event == REVISION_CHANGED && st > Initializing_switching -> begin()
  :: event == RETURNED_TO_PROMOTED -> cancel()
  :: event == CANARY_STUCK -> rollBack()
  :: event == PRIMARY_STUCK -> promotionFails()

  :: event == DEADLINE_EXCEEDED && st <= Promoting_copying -> rollBack()
  :: event == DEADLINE_EXCEEDED && ((st >= Promoting_sizing && st <= Promoting_settling) || st == Failed_restoring) -> promotionFails()
  :: event == DEADLINE_EXCEEDED && (st == Finalising_draining || st == Finalising_parking) -> finish()
  :: event == DEADLINE_EXCEEDED && st == Failed_returning -> st = (servesFromCanary -> Failed : Failed_parking)

  :: event == BOTH_STUCK && st != Failed_restoring -> failedChecks = 0; unanswered = 0; iterations = 0; st = Failed_restoring
  :: event == BOTH_STUCK && st == Failed_restoring -> weight = NONE; st = Failed_returning

  :: event == CHECKS_FATAL && st == Waiting -> analysed = (isNew -> seen : analysed); rollBack()
  :: event == CHECKS_FATAL && (isAnalysis || (st >= Promoting_copying && st <= Promoting_sizing && servesFromCanary)) -> rollBack()
  :: event == CHECKS_FATAL && mayCallOff && !servesFromCanary -> failedChecks = 0; unanswered = 0; iterations = 0; st = Failed_restoring
  :: event == CHECKS_FAILED && isAnalysis && failedChecks + 1 >= THRESHOLD -> rollBack()
  :: event == CHECKS_FAILED && isAnalysis && failedChecks + 1 < THRESHOLD -> failedChecks++; unanswered = 0
  :: event == CHECKS_INCONCLUSIVE && isAnalysis && unanswered + 1 >= THRESHOLD -> rollBack()
  :: event == CHECKS_INCONCLUSIVE && isAnalysis && unanswered + 1 < THRESHOLD -> unanswered++
  :: event == CHECKS_WAITING && isStart -> st = Waiting
  :: event == CHECKS_WAITING && isAnalysis -> st = (isLast && st == Progressing_analysing -> WaitingPromotion : st)

  :: event == CHECKS_PASSED && (isStart || st == Waiting) && isNew -> begin()
  :: event == CHECKS_PASSED && st == Progressing_starting ->
       if
       :: skips -> st = Promoting_copying
       :: else ->
            if
            :: blueGreen -> iterations++
            :: else -> weight = (weight < ALL -> weight + 1 : weight)
            fi;
            st = Progressing_analysing
       fi
  :: event == CHECKS_PASSED && (st == Progressing_analysing || st == WaitingPromotion) ->
       passed = passed || isTop; unanswered = 0;
       advance()
  :: event == CHECKS_PASSED && st == Progressing_switching -> passed = true; unanswered = 0; st = Promoting_copying
  :: event == CHECKS_PASSED && st == Promoting_shifting -> returnTraffic()

  :: event == CONVERGED ->
       if
       :: st == Initializing_creating -> st = Initializing_switching
       :: st == Initializing_switching -> promoted = analysed; st = Initialized_parking
       :: st == Initialized_parking -> st = Initialized
       :: st == Progressing_scaling -> st = (skips -> Promoting_copying : Progressing_starting)
       :: st == Promoting_copying -> st = Promoting_sizing
       :: st == Promoting_sizing -> returnTraffic()
       :: st == Promoting_settling -> st = Finalising_draining
       :: st == Finalising_draining -> st = Finalising_parking
       :: st == Finalising_parking -> finish()
       :: st == Failed_restoring -> weight = NONE; st = Failed_returning
       :: st == Failed_returning -> st = (servesFromCanary -> Failed : Failed_parking)
       :: st == Failed_parking -> st = Failed
       :: st == Terminating_reverting -> st = Terminating_draining
       :: else -> skip
       fi
  :: else -> skip
  fi
}

/* Decide on what was seen, and record it: one write, all of it or nothing. */
inline record() {
  d_step { BEFORE; news(); arrow(); AFTER }
}

/* What stands in the cluster is made step by step; a step that has to wait for something holds all that come after it. */
#define goesOn (standing == UNTRIED)

/* The canary has pods. */
inline unpark() {
  if
  :: goesOn && seenCanary == DOWN -> canary = (canary == DOWN -> STARTING : canary); wrote = true
  :: else -> skip
  fi
}

/* It keeps those that it needs for its share. */
inline keep() {
  if
  :: weight > NONE -> unpark()
  :: else -> skip
  fi
}

/* It has none, unless it serves. Refused where the target changed since the look. */
inline park() {
  if
  :: servesFromCanary -> unpark()
  :: !servesFromCanary && goesOn && seenCanary != DOWN -> canary = (target == seen -> DOWN : canary); wrote = true
  :: else -> skip
  fi
}

inline makePrimary() {
  if
  :: goesOn && primaryRevision != wantedPrimary ->
       onlyPassedPromoted = onlyPassedPromoted && (!afterCopy || analysed == promoted || skips || passed);
       primaryRevision = wantedPrimary;
       primary = (primary == DOWN || primary == STARTING -> STARTING : ROLLING);
       wrote = true
  :: else -> skip
  fi
}

#define holdUnless(fact) standing = (goesOn && !(fact) -> HELD : standing)
#define primaryReady (seenPrimary == READY)
#define canaryReady (seenCanary == READY)

/* The recorded weight, but nothing for a canary without pods while the primary has some, and no more than it has for one that runs something newer. */
#define canaryIsOut (seenCanary != READY && seenCanary != ROLLING && (!servesFromCanary || seenPrimary == READY || seenPrimary == ROLLING))
inline aim() {
  wanted = (canaryIsOut -> NONE :
    (isLate && !servesFromCanary && seen != analysed && route < weight -> route : weight))
}

/* The route says so as soon as the track that gains by it has pods. */
#define mayRaise (seenCanary == READY || (servesFromCanary && seenCanary == ROLLING))
inline shape() {
  aim();
  if
  :: goesOn && wanted > route && !mayRaise -> standing = HELD
  :: goesOn && wanted != route && (wanted < route || mayRaise) ->
       raisedBlindly = raisedBlindly || (wanted > route && !servesFromCanary && seen != analysed);
       route = wanted; wrote = true
  :: else -> skip
  fi
}

/* Its controller takes it, sooner or later. */
#define accepted (route == wanted)
inline awaitRoute() {
  if
  :: true -> holdUnless(accepted)
  :: goesOn && mayFail -> COUNT(troubles); standing = HELD
  fi
}

inline pointApex(toPrimary) {
  if
  :: goesOn && apexOnPrimary != toPrimary -> apexOnPrimary = toPrimary; wrote = true
  :: else -> skip
  fi
}

/* The process may die here. */
#define CUT atomic { if :: wrote && mayCrash -> COUNT(crashes); forget(); goto pass :: true fi }

/* What stands in the cluster in each state, in the order in which to get there: src/controller/desired.ts. */
inline converge() {
  if
  :: atomic { st == Initializing_creating -> makePrimary(); holdUnless(primaryReady) }
  :: atomic { st == Initializing_switching -> makePrimary(); holdUnless(primaryReady); pointApex(true) };
     CUT; atomic { shape(); awaitRoute() }
  :: atomic { (isStart && st != Failed_parking) || st == Waiting || st == Finalising_parking -> makePrimary() };
     CUT; atomic { shape(); awaitRoute() };
     CUT; atomic { park() }
  :: atomic { st == Progressing_scaling -> makePrimary() };
     CUT; atomic { shape() };
     CUT; atomic { unpark(); holdUnless(canaryReady) }
  :: atomic { st >= Progressing_starting && st <= WaitingPromotion -> makePrimary() };
     CUT; atomic { unpark() };
     CUT; atomic { shape(); holdUnless(canaryReady); awaitRoute() }
  :: atomic { st == Promoting_copying || st == Promoting_sizing -> unpark() };
     CUT; atomic { shape() };
     CUT; atomic { makePrimary(); holdUnless(st == Promoting_copying || primaryReady) }
  :: atomic { st == Promoting_shifting || st == Promoting_settling -> makePrimary() };
     CUT; atomic { unpark() };
     CUT; atomic { shape(); holdUnless(st == Promoting_settling || primaryReady); awaitRoute() }
  :: atomic { st == Finalising_draining -> makePrimary() };
     CUT; atomic { shape(); awaitRoute() }
  :: atomic { st == Failed_restoring -> keep() };
     CUT; atomic { shape() };
     CUT; atomic { makePrimary(); holdUnless(primaryReady) }
  :: atomic { st == Failed_returning && seenPrimary == STARTING && !servesFromCanary -> makePrimary() };
     CUT; atomic { shape(); awaitRoute() }
  :: atomic { st == Failed_returning && (seenPrimary != STARTING || servesFromCanary) -> shape(); awaitRoute() }
  :: atomic { st == Failed_parking -> shape(); awaitRoute() };
     CUT; atomic { park() };
     CUT; atomic { makePrimary() }
  :: atomic { st >= Terminating_reverting -> unpark(); holdUnless(canaryReady); pointApex(false) };
     CUT; atomic { if :: goesOn && route != ALL -> route = ALL; wrote = true :: else -> skip fi }
  fi
}

#define asksChecks (!skips && st >= Progressing_starting && st <= WaitingPromotion)
#define asksStart (isStart && gated && isNew)
#define asksGate (st == Waiting || asksStart || (asksChecks && st != Progressing_switching && (!blueGreen || isLast)))
#define asks ((st >= Progressing_starting && st <= WaitingPromotion) || st == Waiting || st == Promoting_shifting || asksStart)

/* People may call a rollout off while anything is waited for. */
#define mayAppeal (!skips && !seenDeleting && (st == Waiting || isAnalysis || mayCallOff))

/* What metrics, gates and hooks of this state say. */
inline ask() {
  if
  :: verdict = CHECKS_PASSED
  :: asksChecks && mayFail -> COUNT(troubles); verdict = CHECKS_FAILED
  :: asksChecks && st != Progressing_starting && mayFail -> COUNT(troubles); verdict = CHECKS_INCONCLUSIVE
  :: asksGate && mayFail -> COUNT(troubles); verdict = CHECKS_WAITING
  :: (asksChecks || st == Waiting || (st == Promoting_shifting && !skips && mayCallOff)) && mayFail -> COUNT(troubles); verdict = CHECKS_FATAL
  fi
}

/* Revisions have no order: what differs in their numbers alone is the same. */
#define swap(r, a, b) (r == a -> b : (r == b -> a : r))
inline rename(a, b) {
  target = swap(target, a, b); analysed = swap(analysed, a, b);
  primaryRevision = swap(primaryRevision, a, b); promoted = swap(promoted, a, b) /* last: it may be `a` */
}
inline forgetNames() {
  if :: promoted != 1 -> rename(promoted, 1) :: else -> skip fi;
  if
  :: analysed == 3 || (analysed == 1 && target == 3) || (analysed == 1 && target == 1 && primaryRevision == 3) -> rename(3, 2)
  :: else -> skip
  fi
}

inline forget() {
  forgetNames();
  inPass = false; seen = 0; seenCanary = 0; seenPrimary = 0; seenDeleting = false;
  verdict = NOTHING; standing = UNTRIED; event = NOTHING; wanted = NONE; wrote = false
}

active proctype controller() {
  atomic { if :: plan = 0 :: plan = BLUE_GREEN :: plan = RETURNS_IN_STEPS :: plan = GATED :: plan = SKIPS fi };
pass:
  true;
  atomic {
    look();
    record();
    if :: event != NOTHING -> forget(); goto pass :: else -> skip fi
  };
  converge();
  atomic {
    if
    :: wrote -> forget(); goto pass
    :: !wrote && standing == HELD ->
         if
         :: true -> skip
         :: mayFail -> COUNT(troubles); standing = OVERDUE
         :: mayAppeal && mayFail -> COUNT(troubles); verdict = CHECKS_FATAL
         fi;
         record(); forget(); goto pass
    :: !wrote && standing != HELD && st == Terminating_draining -> forget(); primary = DOWN; gone = true; goto over
    :: !wrote && standing != HELD && !seenDeleting && asks -> skip
    :: else -> standing = STANDS; record(); forget(); goto pass
    fi
  };
  atomic {
    ask();
    look();
    aim();
    standing = (isAnalysis && !(seenCanary == READY && accepted) -> PENDING : STANDS);
    record(); forget(); goto pass
  };
over:
  skip
}

active proctype user() {
end:
  do
  :: atomic {
       !deleting && mayPush -> COUNT(pushes);
       if :: target != 1 -> target = 1 :: target != 2 -> target = 2 :: target != 3 -> target = 3 fi;
       canary = (canary == READY -> ROLLING : (canary == STUCK -> STARTING : canary))
     }
  :: !deleting && !skips -> plan = SKIPS
  :: !deleting -> deleting = true
#ifdef BOUNDED
  :: break
#endif
  od
}

active proctype cluster() {
end:
  do
  :: atomic { BETWEEN && (canary == STARTING || canary == ROLLING || canary == STUCK) -> canary = READY }
  :: atomic { BETWEEN && (primary == STARTING || primary == ROLLING || primary == STUCK) -> primary = READY }
  :: atomic { BETWEEN && (canary == STARTING || canary == ROLLING) && mayFail -> COUNT(troubles); canary = STUCK }
  :: atomic { BETWEEN && (primary == STARTING || primary == ROLLING) && st >= Progressing_scaling && mayFail -> COUNT(troubles); primary = STUCK }
  :: atomic { BETWEEN && primary == READY && st >= Progressing_scaling && mayFail -> COUNT(troubles); primary = ROLLING }
  :: atomic { BETWEEN && canary == READY && mayFail -> COUNT(troubles); canary = STARTING }
  od
}

/* S3: nobody is sent to a track without pods because of something Serin did: what gets traffic is never parked. */
#define S3 (!(route > NONE && canary == DOWN))
/* S4, S23: nor does the Service select a primary that has none, in the Canary's life and when it goes. */
#define S4 (!(apexOnPrimary && (primary == DOWN || primary == STARTING)))
#define S23 (!gone || (!apexOnPrimary && route == ALL && canary != DOWN))
/* S6: only a revision that passed its last step reaches the primary. */
#define S6 onlyPassedPromoted
/* S7: no share grows while the target is seen to ask for another revision than the one under analysis. */
#define S7 (!raisedBlindly)
ltl S3_S4_S6_S7_S23 { [] (S3 && S4 && S6 && S7 && S23) }
#define ends (st == Initialized || st == Succeeded || st == Failed || deleting)
/* L1: every rollout ends. */
ltl L1 { [] <> ends }
/* L3: the last revision is promoted or judged. */
ltl L3 { <> [] (deleting || primaryRevision == target || (st >= Failed_restoring && st <= Failed && analysed == target)) }
/* L4: a rollback comes to its end: all traffic is with the track that serves, until something new is released. */
#define isBack ((servesFromCanary && route == ALL) || (!servesFromCanary && route == NONE))
#define isRolledBack (st >= Failed_parking && st <= Failed && isBack)
#define isReleased (st == Progressing_scaling)
ltl L4 { [] ((st == Failed_returning) -> <> (isRolledBack || isReleased || deleting)) }
