import type { Provider } from './cluster-under-test.ts'

/** What there is here to make a cluster of. */
export interface Machine {
  /** `SERIN_TEST_KUBECONFIG`. */
  readonly kubeconfig?: string
  /** `KUBEBUILDER_ASSETS`. */
  readonly assets?: string
  readonly docker: Finding
  readonly go: Finding
  /** Whether we may have a network of our own, without which pods have no addresses. */
  readonly ownNetwork: Finding
}

/** Whether something is to be had, and why not. */
export type Finding = { readonly found: true } | { readonly found: false; readonly because: string }

export const found: Finding = { found: true }

interface Source {
  readonly provider: Provider
  /** What to provide, for people. */
  readonly wanted: string
  readonly look: (machine: Machine) => Finding
}

const given = (value: string | undefined): Finding => (value ? found : { found: false, because: 'not set' })
const both = (first: Finding, second: Finding): Finding => (first.found ? second : first)

/** In the order in which they are tried: what somebody asked for by name comes before what is merely there. */
const sources: readonly Source[] = [
  { provider: 'kubeconfig', wanted: 'SERIN_TEST_KUBECONFIG=FILE', look: ({ kubeconfig }) => given(kubeconfig) },
  { provider: 'assets', wanted: 'KUBEBUILDER_ASSETS=FOLDER', look: ({ assets, ownNetwork }) => both(given(assets), ownNetwork) },
  { provider: 'k3s', wanted: 'Docker', look: ({ docker }) => docker },
  { provider: 'modules', wanted: 'Go', look: ({ go, ownNetwork }) => both(go, ownNetwork) },
]

export const providers: readonly Provider[] = sources.map(({ provider }) => provider)

export interface Choice {
  /** Absent: there is no cluster to be had. */
  readonly provider?: Provider
  /** A line for each source that came before it, and why it was passed over. */
  readonly passedOver: readonly string[]
}

const reasonOf = (finding: Finding): string => (finding.found ? '' : finding.because)

/** The first source that is to be had, or just the one that was asked for by name. */
export const chooseProvider = (machine: Machine, only?: Provider): Choice => {
  const wanted = sources.filter(({ provider }) => only === undefined || provider === only)
  const first = wanted.findIndex(({ look }) => look(machine).found)
  const chosen = wanted[first]
  const before = chosen ? wanted.slice(0, first) : wanted
  const passedOver = before.map(source => `${source.wanted}: ${reasonOf(source.look(machine))}`)
  return chosen ? { provider: chosen.provider, passedOver } : { passedOver }
}

/** Why the suite was skipped and what to do about it, in one line nobody overlooks. */
export const skipText = ({ passedOver }: Choice): string =>
  `SKIPPED: the cluster suite needs one of ${sources.map(({ wanted }) => wanted).join(', ')} (${passedOver.join('; ')})`
