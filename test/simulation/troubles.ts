import type { Chance } from './chance.ts'
import { fillAllFor } from './cluster-deeds.ts'
import type { Deed, Incident } from './deed.ts'
import { persistent } from './machine-deeds.ts'
import { editTo, releaseOf } from './user-deeds.ts'

/* What befalls one team while its neighbour has a release as well, or both of them. */

const garbage = editTo('the spec is garbage', { analysis: { stepWeights: [50, 10], iterations: -1 } })

const troubles: readonly Deed[] = [
  garbage,
  persistent({ fault: 'store hangs' }),
  persistent({ fault: 'store down' }),
  persistent({ fault: 'hook hangs' }),
  persistent({ fault: 'chat down' }),
  fillAllFor(90_000),
]

/** A release that gets into trouble while a neighbour has one as well. */
export const troublesOf = (chance: Chance): readonly Incident[] => {
  const atMs = chance.whole(6000, 30_000)
  return [
    { atMs, ...releaseOf('v5') },
    { atMs: atMs + chance.whole(10, 20_000), ...chance.pick(troubles) },
  ]
}
