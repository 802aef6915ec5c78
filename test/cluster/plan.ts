import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Provider } from './cluster-under-test.ts'
import type { TestWish, UpWish } from './command-line.ts'
import type { Paths } from './tools/gather-tools.ts'

/** What to do with a cluster, once there is one: everything that could fail for want of a download has been done before. */
export interface Plan {
  readonly provider: Provider
  /** The session's own folder, removed at its end. */
  readonly folder: string
  readonly binaries: Paths
  readonly manifests: Paths
  readonly wish: UpWish | TestWish
}

const planFile = (folder: string): string => join(folder, 'plan.json')

/** Path of the file, for the process inside the namespaces. */
export const writePlan = async (plan: Plan): Promise<string> => {
  await writeFile(planFile(plan.folder), JSON.stringify(plan))
  return planFile(plan.folder)
}

export const readPlan = async (file: string): Promise<Plan> => JSON.parse(await readFile(file, 'utf8'))
