import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { serverUrl } from './control-plane/command-lines.ts'

/** A socket file is seen on both sides of a network namespace, and so is a way in. */
const socketFile = (folder: string): string => join(folder, 'api-server.sock')

const pipeBoth = (one: Socket, other: Socket): void => {
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy()).once('close', () => other.destroySoon())
  other.on('error', () => one.destroy()).once('close', () => one.destroySoon())
}

const forwarding = (to: NetConnectOpts): Server => createServer(socket => pipeBoth(socket, connect(to)))

const listening = (server: Server, where: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(where, resolve))

/** Lets the machine outside reach the API server. To be called inside the namespaces. */
export const openInside = async (folder: string): Promise<void> => {
  const { hostname, port } = new URL(serverUrl)
  await listening(forwarding({ host: hostname, port: Number(port) }), { path: socketFile(folder) })
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[]
}

export interface Doorway {
  /** Path of a kubeconfig that works outside. */
  readonly kubeconfig: string
  close(): void
}

/** The other end: an address on this machine's loopback, and a kubeconfig that names it. */
export const openOutside = async (folder: string, kubeconfig: string): Promise<Doorway> => {
  const server = forwarding({ path: socketFile(folder) })
  await listening(server, { host: '127.0.0.1', port: 0 })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const inside: Kubeconfig = parse(await readFile(kubeconfig, 'utf8'))
  // The certificate knows the API server by the address it has inside, and by this name.
  const clusters = inside.clusters.map(one => ({ ...one, cluster: { ...one.cluster, server: url, 'tls-server-name': 'kubernetes' } }))
  const file = join(folder, 'outside.kubeconfig')
  await writeFile(file, stringify({ ...inside, clusters }), { mode: 0o600 })
  return { kubeconfig: file, close: () => void server.close() }
}
