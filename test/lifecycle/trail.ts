import type { CanaryStatus } from '../../src/api/status.ts'
import type { Stage } from '../support/stage.ts'

const changes = (texts: readonly string[]): readonly string[] => texts.filter((text, index) => text !== texts[index - 1])

/** Every status that was recorded since the stage was raised, or since its requests were last forgotten. */
const recorded = ({ api }: Stage): readonly CanaryStatus[] =>
  api.requests.filter(({ verb }) => verb === 'updateStatus').map(({ body }) => (body as { readonly status: CanaryStatus }).status)

/** Phase and recorded weight, one after the other: `Progressing 20`. */
export const phases = (stage: Stage): readonly string[] =>
  changes(recorded(stage).map(({ phase = '', canaryWeight = 0 }) => `${phase} ${canaryWeight}`))

/** Phase and iterations, one after the other: `Progressing 2`. */
export const iterations = (stage: Stage): readonly string[] =>
  changes(recorded(stage).map(({ phase = '', iterations: count = 0 }) => `${phase} ${count}`))

/** What event webhooks were told, with the phase they were told. */
export const told = ({ sent }: Stage): readonly string[] =>
  sent.filter(({ channel }) => channel === 'event').map(({ phase, message }) => `${phase}: ${message}`)

/** What chat was told. */
export const alerts = ({ sent }: Stage): readonly string[] =>
  sent.filter(({ channel }) => channel === 'alert').map(({ severity, message }) => `${severity}: ${message}`)

/** Which hooks were called, and with which phase. */
export const asked = ({ calls }: Stage): readonly string[] => calls.map(({ hook, phase }) => `${hook.name} ${phase}`)
