import type { RolloutState } from '../../src/api/phases.ts'
import { deafFor, sickFor, witherOf } from './cluster-deeds.ts'
import { type Deed, type Incident, together } from './deed.ts'
import { killAll, persistent } from './machine-deeds.ts'
import { plain, type Setup } from './setup.ts'
import { askFor, closeGate, dropPinsAnd, dropRoute, dropTargetFor, editTo, forgotten, openGate, releaseOf, remade } from './user-deeds.ts'

/*
 * Some arrows of the machine need several things at once, in one state and in one order, which no dice come upon often enough. Each of these
 * stories leads to one of them.
 */

type Step = Omit<Incident, 'atMs'>

/** A story that leads to one corner. */
export interface Corner {
  readonly setup: Setup
  readonly steps: readonly Step[]
}

const minutes = 60_000

const corner = (setup: Partial<Setup>, ...steps: readonly Step[]): Corner => ({ setup: { ...plain, ...setup }, steps })
const gatedCorner = (...steps: readonly Step[]): Corner => corner({ isGated: true }, ...steps)

const at = (state: RolloutState, delayMs: number, ...deeds: readonly [Deed, ...Deed[]]): Step => ({
  ...together(...deeds),
  after: { state, delayMs },
})
/** As `at`, but only after another state was come through. */
const past = (first: RolloutState, step: Step): Step => (step.after ? { ...step, after: { ...step.after, first } } : step)

const good = releaseOf('v2')
const slow = releaseOf('v5')
const broken = releaseOf('v4')
const bad = releaseOf('v3')
const unpromotable = releaseOf('v7')
const back = releaseOf('v1')
/** Nobody sees it going: what is rebuilt at once was not lost. */
const lost = together(killAll, dropPinsAnd('the primary'))
const hurry = editTo('the progress deadline is 20s', { progressDeadlineSeconds: 20 })
const leisure = editTo('the progress deadline is 60s', { progressDeadlineSeconds: 60 })
const swift = editTo('pods are taken away at once', { drain: '0s' })
const skip = editTo('the analysis is skipped', { skipAnalysis: true })
const unskip = editTo('the analysis is no longer skipped', { skipAnalysis: false })
const byHeaders = editTo('the strategy is A/B', {
  analysis: { iterations: 2, stepWeight: null, maxWeight: null, match: [{ headers: { 'x-insider': { exact: 'yes' } } }] },
})
const longer = editTo('the steps go on to 80', { analysis: { stepWeight: 20, maxWeight: 80 } })
const moreIterations = editTo('the iterations are 5', { analysis: { iterations: 5 } })
const ask = askFor(minutes / 2)
const refused = persistent({ fault: 'forbidden', kind: 'Deployment' })
const silence = persistent({ fault: 'store says nothing' })
const drought = persistent({ fault: 'store down' })
const deaf = deafFor(90_000)
const sick = sickFor(minutes)
const witherPrimary = witherOf('podinfo-primary', 100_000)
const witherCanary = witherOf('podinfo', 100_000)

const shutStart = closeGate('confirm-rollout', minutes)
const shutPromotion = closeGate('confirm-promotion', 2 * minutes)
const open = openGate('confirm-promotion')

/** Held before its promotion. */
const heldBack = (...steps: readonly Step[]): Corner => gatedCorner(together(shutPromotion, good), ...steps)
const heldBackInAHurry = (...steps: readonly Step[]): Corner => heldBack(hurry, ...steps)
/** The copy on the primary does not come about. */
const uncopied = (setup: Partial<Setup>, ...steps: readonly Step[]): Corner =>
  corner(setup, good, at('Promoting.copying', 0, refused), ...steps)
const inSteps = { strategy: 'weights that return in steps' } as const
const loses = (state: RolloutState, delayMs: number) => at(state, delayMs, lost, slow)
const inRestoring = (...deeds: readonly [Deed, ...Deed[]]): Corner =>
  gatedCorner(together(hurry, slow), at('Promoting.sizing', 3000, ask), at('Failed.restoring', 0, ...deeds))

const corners: Readonly<Record<string, Corner>> = {
  'another controller comes while a release waits': gatedCorner(together(shutStart, good), at('Waiting', 1000, forgotten)),
  'the primary is lost while a release waits': gatedCorner(together(shutStart, good), at('Waiting', 1000, lost)),
  'somebody calls a release off that waits': gatedCorner(together(shutStart, good), at('Waiting', 1000, ask)),
  'a release that waits is taken back': gatedCorner(together(shutStart, good), at('Waiting', 1000, back)),
  'another controller comes as the release is taken back': corner({}, good, at('Progressing.analysing', 1000, killAll, back, forgotten)),
  'the primary is lost in mid-run': corner({}, good, loses('Progressing.analysing', 1000)),
  'the primary is lost before the first release': corner({}, at('Initialized', 2000, lost, slow)),
  'the primary is lost after a release': corner({}, good, loses('Succeeded', 2000)),
  'the primary is lost after a failure': corner({}, bad, loses('Failed', 2000)),
  'the primary is lost while a failed canary is parked': corner({}, bad, loses('Failed.parking', 1000)),
  'the primary is lost while traffic goes back': corner({}, bad, at('Failed.returning', 0, deaf, lost, slow)),
  'the strategy changes in mid-run': corner({}, good, at('Progressing.analysing', 1000, byHeaders)),
  'the analysis is skipped before it begins': gatedCorner(good, at('Progressing.starting', 0, skip)),
  'the analysis is skipped in mid-run': corner({}, good, at('Progressing.analysing', 1000, skip)),
  'the store says nothing in mid-run': corner({}, good, at('Progressing.analysing', 0, silence)),
  'the store is down in mid-run': corner({}, together(hurry, good), at('Progressing.analysing', 0, drought)),
  'somebody calls it off in mid-run': gatedCorner(good, at('Progressing.analysing', 1000, ask)),
  'another controller comes before the first release': corner({}, at('Initialized', 2000, forgotten)),
  'another controller comes in mid-run': corner({}, good, at('Progressing.analysing', 1000, killAll, forgotten)),
  'another controller comes after a release': corner({}, good, at('Succeeded', 2000, forgotten)),
  'another controller comes after a failure': corner({}, bad, at('Failed', 2000, forgotten)),

  'the promotion waits as another controller comes': heldBack(at('WaitingPromotion', 1000, forgotten)),
  'the promotion waits as the release is taken back and another controller comes': heldBack(
    at('WaitingPromotion', 1000, killAll, back, forgotten),
  ),
  'the promotion waits as the primary is lost': heldBack(loses('WaitingPromotion', 1000)),
  'the promotion waits as the release is taken back': heldBack(at('WaitingPromotion', 1000, back)),
  'the promotion waits as the canary sickens': heldBack(at('WaitingPromotion', 1000, sick)),
  'the promotion waits, and then the store says nothing': heldBack(at('WaitingPromotion', 1000, open, silence)),
  'the promotion waits, and then the store is down': heldBackInAHurry(at('WaitingPromotion', 1000, open, drought)),
  'the promotion waits as somebody calls it off': heldBack(at('WaitingPromotion', 1000, ask)),
  'the promotion waits as the canary loses its pods': heldBackInAHurry(at('WaitingPromotion', 1000, witherCanary)),
  'the promotion waits as the strategy changes': heldBack(at('WaitingPromotion', 1000, byHeaders)),
  'the promotion waits as the analysis is skipped': heldBack(at('WaitingPromotion', 1000, skip, open)),
  'the promotion waits as the steps get longer': heldBack(at('WaitingPromotion', 1000, longer, open)),
  'the promotion waits as the iterations become more': corner(
    { isGated: true, strategy: 'blue/green' },
    together(shutPromotion, good),
    at('WaitingPromotion', 1000, moreIterations, open),
  ),
  'the promotion waits as the next release comes': heldBack(at('WaitingPromotion', 1000, slow)),
  'the promotion waits no longer': heldBack(at('WaitingPromotion', 1000, open)),
  'the switch of all traffic waits no longer': corner(
    { isGated: true, strategy: 'blue/green' },
    together(shutPromotion, good),
    at('WaitingPromotion', 1000, open),
  ),

  'the copy is refused as the primary is lost': uncopied({}, loses('Promoting.copying', 5000)),
  'the copy is refused as the release is taken back': uncopied({}, at('Promoting.copying', 5000, back)),
  'the copy is refused as the next release comes': uncopied({}, at('Promoting.copying', 5000, slow)),
  'the copy is refused as another controller comes': uncopied({}, at('Promoting.copying', 5000, forgotten)),
  'the copy is refused for too long': uncopied({}, at('Promoting.copying', 1000, hurry)),
  'the copy is refused as somebody calls it off': uncopied({ isGated: true }, at('Promoting.copying', 3000, ask)),
  'the copy is refused as somebody calls it off while the canary serves': corner(
    { isGated: true },
    together(hurry, skip, unpromotable),
    at('Failed', 3000, leisure, unskip, good),
    past('Failed', at('Promoting.copying', 0, refused)),
    past('Failed', at('Promoting.copying', 3000, ask)),
  ),
  'the primary starts slowly as somebody calls it off': gatedCorner(slow, at('Promoting.sizing', 3000, ask)),
  'the primary starts slowly as somebody calls it off while the canary serves': corner(
    { isGated: true },
    together(hurry, skip, unpromotable),
    at('Failed', 3000, leisure, unskip, slow),
    past('Failed', at('Promoting.sizing', 3000, ask)),
  ),
  'traffic returns as the primary loses its pods': corner(inSteps, together(hurry, good), at('Promoting.shifting', 0, witherPrimary)),
  'traffic returns too slowly': corner(inSteps, together(hurry, good), at('Promoting.shifting', 0, deaf)),
  'traffic returns as somebody calls it off': corner({ ...inSteps, isGated: true }, good, at('Promoting.shifting', 0, ask)),
  'the last of the traffic returns as the primary loses its pods': corner(
    {},
    together(hurry, good),
    at('Promoting.sizing', 0, deaf),
    at('Promoting.settling', 0, witherPrimary),
  ),
  'the last of the traffic returns too slowly': corner({}, together(hurry, good), at('Promoting.sizing', 0, deaf)),
  'the last of the traffic returns as somebody calls it off': gatedCorner(
    good,
    at('Promoting.sizing', 0, deaf),
    at('Promoting.settling', 1000, ask),
  ),

  'the canary drains as somebody calls it off': gatedCorner(good, at('Finalising.draining', 0, ask)),
  'the canary drains as another controller comes': corner({}, good, at('Finalising.draining', 1000, forgotten)),
  'the canary drains as another controller comes and the primary is lost': corner(
    {},
    good,
    at('Finalising.draining', 1000, forgotten, lost),
  ),
  'the canary drains as the primary loses its pods': corner(
    {},
    together(hurry, good),
    at('Finalising.draining', 0, deaf, dropRoute, witherPrimary),
  ),
  'the canary drains as the route is lost': corner({}, together(hurry, good), at('Finalising.draining', 0, deaf, dropRoute)),
  'a canary that was taken back drains as the route is lost': corner(
    {},
    together(hurry, good),
    at('Progressing.analysing', 1000, back),
    at('Finalising.draining', 0, deaf, dropRoute),
  ),
  'the canary cannot be parked': corner({}, together(hurry, good), at('Finalising.parking', 0, refused)),
  'a canary that was taken back cannot be parked': corner(
    {},
    together(hurry, good),
    at('Progressing.analysing', 1000, back),
    at('Finalising.parking', 0, refused),
  ),

  'the primary gets its template back and loses its pods': inRestoring(witherPrimary),
  'the primary does not get its template back': inRestoring(refused),
  'another controller comes as the target is lost': corner(
    {},
    good,
    at('Progressing.analysing', 1000, killAll, forgotten, dropTargetFor(minutes)),
    at('Failed.returning', 1000, remade),
  ),
  'a failed canary is parked as the next release comes': gatedCorner(together(swift, bad), at('Failed.returning', 0, slow)),
  'a failed canary is parked as the next release has to wait': gatedCorner(
    together(swift, bad),
    at('Failed.returning', 0, shutStart, slow),
  ),
  'after a failure the next release has to wait': gatedCorner(bad, at('Failed', 2000, shutStart, slow)),
  'after a release the next one has to wait': gatedCorner(good, at('Succeeded', 2000, shutStart, slow)),

  'neither track comes up': corner({}, together(hurry, unpromotable), at('Promoting.sizing', 1000, broken)),
  'traffic returns as both tracks lose their pods': corner(
    inSteps,
    together(hurry, good),
    at('Promoting.shifting', 0, witherPrimary, broken),
  ),
  'the last of the traffic returns as both tracks lose their pods': corner(
    {},
    together(hurry, good),
    at('Promoting.sizing', 0, deaf),
    at('Promoting.settling', 0, witherPrimary, broken),
  ),
  'the canary drains as both tracks lose their pods': corner(
    {},
    together(hurry, good),
    at('Finalising.draining', 0, deaf, dropRoute, witherPrimary, broken),
  ),
  'the primary gets its template back and both tracks lose their pods': inRestoring(witherPrimary, broken),
  'traffic goes back too slowly': corner({}, together(hurry, bad), at('Failed.returning', 0, deaf)),
  'traffic goes to the canary for good too slowly': corner({}, together(hurry, unpromotable), at('Failed.returning', 0, deaf)),
}

const ofSeeds = 5

/** Of five seeds one leads to a corner; seeds in a row go to one after the other. Only what changes nothing there is left to the dice. */
export const cornerStory = (
  seed: number,
  { lease, hasConfig, hasSecret, hasOwnStore }: Setup,
): { readonly setup: Setup; readonly incidents: readonly Incident[] } | undefined => {
  const all = Object.values(corners)
  const found = seed % ofSeeds === ofSeeds - 1 ? all[Math.floor(seed / ofSeeds) % all.length] : undefined
  if (!found) return undefined
  const begin = { after: { state: 'Initialized', delayMs: 1000 } } as const
  const incidents = found.steps.map((step, index) => ({ atMs: index * 50, ...begin, ...step }))
  return { setup: { ...found.setup, lease, hasConfig, hasSecret, hasOwnStore }, incidents }
}
