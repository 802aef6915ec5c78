import { type FileHandle, open, stat } from 'node:fs/promises'
import type { AuditEntry } from '../passes/tally.ts'

/** An event of the real audit log, as far as it is looked at. Source: audit.k8s.io/v1. */
interface AuditEvent {
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly userAgent?: string
  readonly user?: { readonly username?: string }
  readonly objectRef?: {
    readonly apiGroup?: string
    readonly resource?: string
    readonly namespace?: string
    readonly name?: string
    readonly subresource?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

/** A watch is told of when it begins and again when it ends: once is enough. */
const countsAt = (verb: string): string => (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete')

/** What a line says, if it tells of a request of this user that counts. */
export const entryOf = (line: string, user: string): AuditEntry | undefined => {
  if (!line.includes(user)) return undefined // most lines are of others: reading them all would take a core
  const event: AuditEvent = JSON.parse(line)
  if (event.user?.username !== user || event.stage !== countsAt(event.verb)) return undefined
  const { apiGroup = '', resource = '', namespace = '', name = '', subresource = '' } = event.objectRef ?? {}
  const [path = ''] = event.requestURI.split('?')
  const code = event.responseStatus?.code ?? 0
  return { user, userAgent: event.userAgent ?? '', verb: event.verb, path, group: apiGroup, resource, namespace, name, subresource, code }
}

/** Reads a file that somebody writes to and begins anew from time to time. */
export interface Tail {
  /** The whole lines since the last time. */
  read(): Promise<readonly string[]>
  close(): Promise<void>
}

const chunkBytes = 2 ** 20

export const openTail = async (path: string): Promise<Tail> => {
  let file = await open(path)
  let torn = ''

  const rest = async (from: FileHandle): Promise<string> => {
    const buffer = Buffer.alloc(chunkBytes)
    let text = ''
    for (let { bytesRead } = await from.read(buffer); bytesRead > 0; { bytesRead } = await from.read(buffer))
      text += buffer.toString('latin1', 0, bytesRead) // names of objects and users have no other characters
    return text
  }

  const isRotated = async (): Promise<boolean> => (await stat(path)).ino !== (await file.stat()).ino

  const readAll = async (): Promise<string> => {
    const text = await rest(file)
    if (!(await isRotated())) return text
    const last = await rest(file)
    await file.close()
    file = await open(path)
    return text + last + (await rest(file))
  }

  return {
    read: async () => {
      const lines = (torn + (await readAll())).split('\n')
      torn = lines.pop() ?? ''
      return lines
    },
    close: () => file.close(),
  }
}
