import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** One folder of programs in the cache. */
export interface CacheEntry {
  /** Unique for what is in it. */
  readonly name: string
  /** What people call it. */
  readonly title: string
  /** Puts the programs into an empty folder. */
  readonly make: (folder: string, signal: AbortSignal) => Promise<void>
}

export interface CacheUse {
  readonly root: string
  readonly say: (line: string) => void
  /** Gives up what is being built. */
  readonly signal: AbortSignal
}

/** Takes the folder that is ready, unless somebody else put one there in the meantime: then that one is as good. */
const settle = async (made: string, place: string): Promise<void> => {
  try {
    await rename(made, place)
  } catch (error) {
    if (!existsSync(place)) throw error
  }
}

/** Path of the entry's folder; makes it first where it is missing. A half-made one is never seen, so that two runs at once do no harm. */
export const cached = async ({ name, title, make }: CacheEntry, { root, say, signal }: CacheUse): Promise<string> => {
  const place = join(root, name)
  if (existsSync(place)) return place
  await mkdir(root, { recursive: true })
  const draft = await mkdtemp(join(root, '.draft-'))
  const start = performance.now()
  say(`building ${title} (once; kept in ${place}) ...`)
  try {
    await make(draft, signal)
    await settle(draft, place)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  say(`built ${title} in ${Math.round((performance.now() - start) / 1000)} s`)
  return place
}
