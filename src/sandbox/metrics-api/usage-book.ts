import type { Usage } from '../node/process-usage.ts'

/** What one container had used when it was looked at. */
export interface Sighting extends Usage {
  readonly namespace: string
  readonly pod: string
  readonly labels: Readonly<Record<string, string>>
  readonly container: string
  /** Another one means another run, whose count starts at zero. */
  readonly processGroup: number
}

/** All sightings of one moment. */
export interface Sample {
  readonly atMs: number
  readonly sightings: readonly Sighting[]
}

/** What a container uses. */
export interface ContainerRate {
  readonly name: string
  /** Cores, on average over the window. */
  readonly cpu: number
  readonly memoryBytes: number
}

export interface PodRate {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly containers: readonly ContainerRate[]
}

/** What everything used between two samples. */
export interface Rates {
  readonly atMs: number
  readonly windowMs: number
  readonly pods: readonly PodRate[]
}

const runText = ({ namespace, pod, container, processGroup }: Sighting): string => `${namespace}/${pod}/${container}/${processGroup}`

/** Rates between two samples. A pod counts when each of its containers was seen both times, in the same run: half a pod would mislead a scaler. */
export const ratesBetween = (before: Sample, after: Sample): Rates => {
  const windowMs = after.atMs - before.atMs
  const known = new Map(before.sightings.map(one => [runText(one), one]))
  const rateOf = (one: Sighting): ContainerRate | undefined => {
    const then = known.get(runText(one))
    if (!then || windowMs <= 0) return undefined
    const cpu = Math.max(0, one.cpuSeconds - then.cpuSeconds) / (windowMs / 1000)
    return { name: one.container, cpu, memoryBytes: one.memoryBytes }
  }
  const byPod = Map.groupBy(after.sightings, ({ namespace, pod }) => `${namespace}/${pod}`)
  const pods = [...byPod.values()].flatMap((sightings): PodRate[] => {
    const [first] = sightings
    const containers = sightings.map(rateOf).filter(rate => rate !== undefined)
    if (!first || containers.length < sightings.length) return []
    return [{ namespace: first.namespace, name: first.pod, labels: first.labels, containers }]
  })
  return { atMs: after.atMs, windowMs, pods }
}
