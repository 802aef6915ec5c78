import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '../../../src/errors.ts'
import type { ControlPlaneProcess } from '../cluster-under-test.ts'
import type { ManagedProcess } from '../managed-process.ts'

const actions: Readonly<Record<string, (process: ManagedProcess) => void | Promise<void>>> = {
  stop: process => process.stop(),
  start: process => process.start(),
  freeze: process => process.freeze(),
  thaw: process => process.thaw(),
}

type Processes = ReadonlyMap<ControlPlaneProcess, ManagedProcess>

interface Answer {
  readonly code: number
  readonly text: string
}

const act = async ({ method, url = '' }: IncomingMessage, processes: Processes): Promise<Answer> => {
  const [, name = '', verb = ''] = url.split('/')
  const process = processes.get(name as ControlPlaneProcess)
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined
  if (method !== 'POST' || !process || !action) {
    const expected = `POST /{${[...processes.keys()].join('|')}}/{${Object.keys(actions).join('|')}}`
    return { code: 404, text: `expected ${expected}, got ${method} ${url}` }
  }
  await action(process)
  return { code: 200, text: 'done' }
}

export interface ControlServer {
  readonly url: string
  close(): void
}

/** Lets tests, which are processes of their own, take parts of the control plane away. Each answer comes when it is done. */
export const startControlServer = async (processes: Processes): Promise<ControlServer> => {
  const server = createServer(async (request, response) => {
    const answer = await act(request, processes).catch((error: unknown) => ({ code: 500, text: messageOf(error) }))
    response.writeHead(answer.code, { 'content-type': 'text/plain' }).end(`${answer.text}\n`)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}
