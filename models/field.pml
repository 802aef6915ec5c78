/*
 * The loop as the field's controllers run it: weights are read back from the route, every write follows another without a plan of what is to
 * come, and promotion copies whatever the target asks for at that moment. It is kept beside rollout.pml to show that the checker bites:
 * each of its properties has to be found broken.
 */
mtype = { IDLE, PROGRESSING, PROMOTING, FINALISING, FAILED };
mtype phase = IDLE;
byte target = 1, primary = 1, lastApplied = 1, lastPromoted = 1;
byte weight = 0;             /* 2 is the maximum */
bool canaryHasPods = false;
byte failedChecks = 0;
byte crashes = 0, pushes = 0, troubles = 0;

/* ghosts */
bool passed[4];              /* a revision passed its checks at the maximum */
bool judged[4];              /* a revision was rolled back */
bool onlyPassedPromoted = true;
bool nobodySentToNothing = true;

#define CRASH if :: crashes < 2 -> crashes++; goto again :: true fi

active proctype user() {
  do
  :: pushes < 2 -> atomic { pushes++; target++ }
  :: break
  od
}

active proctype controller() {
  byte seen, before;
again:
  do
  :: before = lastApplied;
     if
     :: phase == FAILED || phase == IDLE ->
          if
          :: phase == FAILED -> lastApplied = target; CRASH
          :: else -> skip
          fi;
          seen = target;
          if
          :: seen != lastPromoted && seen != before ->
               canaryHasPods = true; CRASH;
               atomic { lastApplied = target; phase = PROGRESSING; failedChecks = 0 }
          :: else -> skip
          fi
     :: phase == PROGRESSING ->
          seen = target;
          if
          :: seen != lastPromoted && seen != before ->
               weight = 0; CRASH;
               atomic { lastApplied = target; failedChecks = 0 }
          :: else ->
               if
               :: failedChecks >= 1 ->
                    judged[lastApplied] = true;
                    weight = 0; CRASH;
                    canaryHasPods = false; CRASH;
                    atomic { lastApplied = target; phase = FAILED }
               :: failedChecks == 0 && troubles < 2 -> troubles++; failedChecks++
               :: failedChecks == 0 ->
                    if :: weight == 2 -> passed[seen] = true :: else -> skip fi;
                    if
                    :: weight < 2 -> weight++; CRASH
                    :: else ->
                         atomic { primary = target; onlyPassedPromoted = onlyPassedPromoted && passed[target] };
                         CRASH;
                         phase = PROMOTING
                    fi
               fi
          fi
     :: phase == PROMOTING -> weight = 0; CRASH; phase = FINALISING
     :: phase == FINALISING -> canaryHasPods = false; CRASH; atomic { phase = IDLE; lastPromoted = lastApplied }
     fi;
     nobodySentToNothing = nobodySentToNothing && !(weight > 0 && !canaryHasPods)
  od
}

ltl S3 { [] nobodySentToNothing }
ltl S6 { [] onlyPassedPromoted }
ltl L3 { <> [] (primary == target || judged[target]) }
