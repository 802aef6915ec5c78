import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const namePattern = /^serin-cluster-(\d+)-/

/** Whose folder that is; undefined for every other name. */
export const ownerOf = (name: string): number | undefined => {
  const [, pid] = namePattern.exec(name) ?? []
  return pid === undefined ? undefined : Number(pid)
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's, but there
  }
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Removes what sessions left that were killed together with all they had started. */
const sweep = (): void => {
  const stale = readdirSync(tmpdir()).filter(name => {
    const owner = ownerOf(name)
    return owner !== undefined && !isAlive(owner)
  })
  for (const name of stale) removeFolder(join(tmpdir(), name))
}

/** A new folder for all files of a session. */
export const makeFolder = (): string => {
  sweep()
  return mkdtempSync(join(tmpdir(), `serin-cluster-${process.pid}-`))
}
