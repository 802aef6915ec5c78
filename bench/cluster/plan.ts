import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../../test/cluster/tools/gather-tools.ts'
import type { Figures } from '../benchmark.ts'
import type { RolloutSettings } from '../rollout-settings.ts'

/** What to do inside the namespaces; everything that could fail for want of a download has been done before. */
export interface ClusterPlan {
  /** The run's own folder, removed at its end. */
  readonly folder: string
  readonly binaries: Paths
  readonly manifests: Paths
  readonly settings: RolloutSettings
  /** Starts another controller; Serin's bundle when empty. */
  readonly command: string
}

const planFile = (folder: string): string => join(folder, 'bench-plan.json')

/** Path of the file, for the process inside the namespaces. */
export const writeClusterPlan = async (plan: ClusterPlan): Promise<string> => {
  await writeFile(planFile(plan.folder), JSON.stringify(plan))
  return planFile(plan.folder)
}

export const readClusterPlan = async (file: string): Promise<ClusterPlan> => JSON.parse(await readFile(file, 'utf8'))

/** What the process inside tells the one outside. */
export type Told = { readonly said: string } | { readonly figures: Figures } | { readonly error: string }
