import type { Label, Labels } from '../storage/labels.ts'
import { labelsOf } from '../storage/labels.ts'

/** Something that exposes metrics over HTTP. */
export interface Target {
  /** `host:port`. */
  readonly address: string
  readonly path: string
  /** What every series of the target carries, `job` and `instance` usually among them. */
  readonly labels: Readonly<Record<string, string>>
}

/** Which targets there are now. Called once per scrape interval. */
export type Discover = () => readonly Target[]

const defaultJob = 'sandbox'

export const urlOf = ({ address, path }: Target): string => `http://${address}${path.startsWith('/') ? '' : '/'}${path}`

/** The labels that end up on series: `instance` is the address and `job` a fixed name unless set; names with two underscores are internal. */
export const targetLabels = ({ address, labels }: Target): Labels =>
  labelsOf({ job: defaultJob, instance: address, ...Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('__'))) })

/** Two targets with the same key are one. */
export const targetKey = (target: Target): string => JSON.stringify([urlOf(target), targetLabels(target)])

const freeName = (wanted: string, taken: ReadonlySet<string>): string =>
  taken.has(wanted) ? freeName(`exported_${wanted}`, taken) : wanted

/** The target's labels win; a label of the same name that the target exposed itself is kept under `exported_`. */
export const labelled = (exposed: readonly Label[], own: Labels): Labels => {
  const ownNames = new Set(own.map(([name]) => name))
  if (!exposed.some(([name]) => ownNames.has(name))) return labelsOf([...exposed, ...own])
  const taken = new Set([...ownNames, ...exposed.map(([name]) => name)])
  return labelsOf([
    ...exposed.map(([name, value]): Label => [ownNames.has(name) ? freeName(`exported_${name}`, taken) : name, value]),
    ...own,
  ])
}

/** A share of the interval that is always the same for one target, so that targets are not all asked at once. */
export const phaseOf = (key: string): number => {
  // FNV-1a: small, and spreads keys that differ in one digit.
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
