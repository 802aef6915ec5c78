import type { KubeObject, Manifest } from '../api/object.ts'
import { sameJson } from '../core/same-json.ts'
import { satisfies } from '../core/satisfies.ts'
import { deepFreeze } from '../kube/freeze.ts'
import { withPartsOf } from '../kube/same-parts.ts'

interface Answer {
  readonly manifest: Manifest
  readonly satisfied: boolean
}

/** What each live object was held against last, in as far as it differs from it: most passes want what the pass before wanted. */
const answers = new WeakMap<KubeObject, Answer>()

interface Verdict {
  readonly live: KubeObject
  readonly satisfied: boolean
}

/** What each manifest was held against last: some are the very same object from pass to pass, and then nothing has to be compared. */
const verdicts = new WeakMap<Manifest, Verdict>()

/** `satisfies`, with the last answer about this very object remembered. */
export const isSatisfied = (live: KubeObject | undefined, manifest: Manifest): boolean => {
  if (!live) return false
  const last = verdicts.get(manifest)
  if (last?.live === live) return last.satisfied
  const satisfied = answerFor(live, manifest)
  verdicts.set(manifest, { live, satisfied })
  return satisfied
}

const answerFor = (live: KubeObject, manifest: Manifest): boolean => {
  const known = answers.get(live)
  if (known && sameJson(known.manifest, manifest)) return known.satisfied
  const satisfied = satisfies(live, manifest)
  answers.set(live, { manifest: deepFreeze(withPartsOf(live, manifest)), satisfied })
  return satisfied
}
