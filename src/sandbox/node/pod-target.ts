import type { Container } from '../objects/pod.ts'
import type { IntOrString } from '../objects/view.ts'
import type { PodAddress } from './addresses.ts'
import type { RunningProgram } from './program.ts'

/** What a probe or a hook of a running container is aimed at. */
export interface PodTarget {
  readonly container: Container
  readonly address: PodAddress
  readonly program: RunningProgram
}

/** Where a port of the container, by number or name, really is; undefined when the name is unknown. */
export const realPortOf = ({ container, address }: Pick<PodTarget, 'container' | 'address'>, port: IntOrString): number | undefined => {
  const named = (container.ports ?? []).find(({ name }) => name === port)?.containerPort
  const wanted = typeof port === 'number' ? port : (named ?? (/^\d+$/.test(port) ? Number(port) : undefined))
  return wanted === undefined ? undefined : (address.ports.get(wanted) ?? wanted)
}
