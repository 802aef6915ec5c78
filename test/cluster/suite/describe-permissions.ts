import { beforeAll, expect, it } from 'vitest'
import { grantedRights, refusals, serinRequests, usedRights } from './permissions.ts'
import type { Stage } from './stage.ts'

const noKeda = 'asked where a Canary names a ScaledObject; this cluster has no KEDA'
const kedaKind = 'scaledobjects.keda.sh'

/** Rights that no request in the audit log can show, each with the reason why it is granted all the same; in alphabetical order. */
const notToBeSeen: Readonly<Record<string, string>> = {
  [`create ${kedaKind}`]: noKeda,
  'delete horizontalpodautoscalers.autoscaling': 'asked where a Canary names its scaler no longer; nobody here does that',
  [`delete ${kedaKind}`]: noKeda,
  [`list ${kedaKind}`]: noKeda,
  [`patch ${kedaKind}`]: noKeda,
  'update canaries/finalizers.flagger.app':
    'asked by the admission plugin OwnerReferencesPermissionEnforcement, which some distributions switch on, for owner references that block deletion',
  [`watch ${kedaKind}`]: noKeda,
}

/** Rights that are used where this cluster is slow: pods of a DaemonSet are missing for a while. */
const rarelySeen: readonly string[] = ['list events']

/** What Serin did on this cluster, against what the chart allows it. Comes last: everything before is the evidence. */
export const describePermissions = (stage: () => Stage): void => {
  let requests: Awaited<ReturnType<typeof serinRequests>>

  beforeAll(async () => {
    requests = await serinRequests(stage())
  })

  it('never asks for anything it has no right to', () => {
    expect(requests.length).toBeGreaterThan(100)
    expect(refusals(requests)).toEqual([])
  })

  it('has no right that it does not use', async () => {
    const used = usedRights(requests)
    const unused = (await grantedRights(stage())).filter(right => !used.has(right) && !rarelySeen.includes(right))
    expect(unused).toEqual(Object.keys(notToBeSeen))
  })
}
