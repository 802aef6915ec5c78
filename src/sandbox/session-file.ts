import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** How another process finds the sandbox that runs on this machine. */
export interface SessionFile {
  readonly server: string
  readonly token: string
}

/** One sandbox per user is found by `release`; the one started last. */
const sessionPath = (): string => join(tmpdir(), `serin-sandbox-${userInfo().uid}.json`)

/** Only its owner may read it: it holds the token. */
export const writeSession = async (session: SessionFile): Promise<() => void> => {
  await writeFile(sessionPath(), JSON.stringify(session), { mode: 0o600 })
  return () => rmSync(sessionPath(), { force: true })
}

/** The sandbox that runs, or undefined. */
export const readSession = async (): Promise<SessionFile | undefined> => {
  try {
    return JSON.parse(await readFile(sessionPath(), 'utf8')) as SessionFile
  } catch {
    return undefined // no sandbox runs, or one that was killed while it wrote
  }
}

/** A folder for the kubeconfig, gone with the sandbox. */
export const temporaryFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'serin-sandbox-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
