import { type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { orAborted, startDeadline } from '../../kube/deadline.ts'
import type { LifecycleHandler, Probe } from '../objects/pod.ts'
import { type PodTarget, realPortOf } from './pod-target.ts'

export interface CheckResult {
  readonly ok: boolean
  /** Why not. */
  readonly message: string
}

const passed: CheckResult = { ok: true, message: '' }
const failed = (message: string): CheckResult => ({ ok: false, message })

type HttpGet = NonNullable<Probe['httpGet']>

const open = ({ scheme }: HttpGet, options: RequestOptions): ClientRequest =>
  scheme === 'HTTPS' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options)

/** One GET on a connection of its own. Any status from 200 to 399 is a yes. */
export const checkHttp = (get: HttpGet, target: PodTarget, signal: AbortSignal): Promise<CheckResult> => {
  const port = realPortOf(target, get.port)
  if (port === undefined) return Promise.resolve(failed(`no port is called ${JSON.stringify(get.port)}`))
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]))
  const path = get.path.startsWith('/') ? get.path : `/${get.path}`
  return new Promise(resolve => {
    const request = open(get, {
      host: get.host ?? target.address.ip,
      port,
      path,
      agent: false,
      signal,
      headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close', ...headers },
    })
    request.once('response', response => {
      const { statusCode = 0 } = response
      response.resume()
      resolve(statusCode >= 200 && statusCode < 400 ? passed : failed(`HTTP probe failed with statuscode: ${statusCode}`))
    })
    request.once('error', error => resolve(failed(`Get "http://${target.address.ip}:${port}${path}": ${error.message}`)))
    request.end()
  })
}

const checkTcp = (wanted: NonNullable<Probe['tcpSocket']>, target: PodTarget, signal: AbortSignal): Promise<CheckResult> => {
  const port = realPortOf(target, wanted.port)
  if (port === undefined) return Promise.resolve(failed(`no port is called ${JSON.stringify(wanted.port)}`))
  return new Promise(resolve => {
    const socket = connect({ host: wanted.host ?? target.address.ip, port, signal })
    socket.once('connect', () => {
      socket.destroy()
      resolve(passed)
    })
    socket.once('error', error => resolve(failed(`dial tcp ${target.address.ip}:${port}: ${error.message}`)))
  })
}

/** Runs a command the way the container would, if its program knows any. */
export const checkExec = async (command: readonly string[], { program }: PodTarget, signal: AbortSignal): Promise<CheckResult> => {
  if (!program.exec) return failed(`exec: ${JSON.stringify(command[0] ?? '')}: executable file not found in $PATH`)
  const { exitCode, output } = await program.exec(command, signal)
  return exitCode === 0 ? passed : failed(output || `command exited with ${exitCode}`)
}

type Action = Pick<Probe, 'httpGet' | 'tcpSocket' | 'exec'> & Pick<LifecycleHandler, 'sleep'>

const run = (action: Action, target: PodTarget, signal: AbortSignal): Promise<CheckResult> => {
  if (action.httpGet) return checkHttp(action.httpGet, target, signal)
  if (action.tcpSocket) return checkTcp(action.tcpSocket, target, signal)
  if (action.exec) return checkExec(action.exec.command, target, signal)
  return Promise.resolve(failed('this node knows probes of kind httpGet, tcpSocket and exec only'))
}

/** Asks once. No answer within the probe's time-out is a no; it never rejects. */
export const checkOnce = async (probe: Probe, target: PodTarget, io: Io): Promise<CheckResult> => {
  const deadline = startDeadline(io, probe.timeoutSeconds * 1000)
  try {
    return await orAborted(run(probe, target, deadline.signal), deadline.signal)
  } catch (error) {
    return failed(messageOf(error))
  } finally {
    deadline.clear()
  }
}
