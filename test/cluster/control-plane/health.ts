import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

/** Whether a URL answers 200 within two seconds. */
export const isHealthy = (url: string): Promise<boolean> =>
  new Promise(resolve => {
    const get = url.startsWith('https:') ? getHttps : getHttp
    // Each process signs its own certificate; that it answers at all is the question here.
    const request = get(url, { rejectUnauthorized: false, agent: false, timeout: 2000 }, answer => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false))
  })
