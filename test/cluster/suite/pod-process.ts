import { readdir, readFile, readlink } from 'node:fs/promises'

const listening = '0A'

/** `10.244.1.9:8080` as /proc/net/tcp writes it on a little-endian machine: the address backwards, all in hexadecimal. */
const socketText = (ip: string, port: number): string => {
  const bytes = ip.split('.').map(part => Number(part).toString(16).padStart(2, '0'))
  return `${bytes.toReversed().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}

const inodeOf = async (ip: string, port: number): Promise<string | undefined> => {
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map(row => row.trim().split(/\s+/))
  return rows.find(([, local, , state]) => local === socketText(ip, port) && state === listening)?.[9]
}

const holds = async (pid: string, socket: string): Promise<boolean> => {
  const folder = `/proc/${pid}/fd`
  // Processes and their files come and go while we look: what is gone holds nothing.
  const links = await Promise.all((await readdir(folder).catch(() => [])).map(fd => readlink(`${folder}/${fd}`).catch(() => '')))
  return links.includes(socket)
}

/** The process that listens on this address in our network namespace, or undefined. */
export const listenerOn = async (ip: string, port: number): Promise<number | undefined> => {
  const inode = await inodeOf(ip, port)
  if (inode === undefined) return undefined
  // The youngest first: it is the one we are waiting for.
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).toSorted((a, b) => Number(b) - Number(a))
  for (const pid of pids) if (await holds(pid, `socket:[${inode}]`)) return Number(pid)
  return undefined
}
