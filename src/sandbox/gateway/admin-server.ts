import { createServer, type Server } from 'node:http'
import type { GatewayMetrics } from './metrics.ts'

export interface AdminOptions {
  readonly metrics: GatewayMetrics
  /** Whether a configuration is in use. */
  readonly isReady: () => boolean
}

interface Page {
  readonly code: number
  readonly text: string
  readonly type?: string
}

/** `/metrics` for Prometheus, `/ready` for whoever waits. */
export const createAdminServer = ({ metrics, isReady }: AdminOptions): Server => {
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/metrics': async () => ({ code: 200, text: await metrics.text(), type: metrics.contentType }),
    '/ready': async () => (isReady() ? { code: 200, text: 'ready\n' } : { code: 503, text: 'no configuration yet\n' }),
  }
  return createServer(async (request, response) => {
    const page = pages[request.url?.split('?', 1)[0] ?? '']
    const { code, text, type = 'text/plain' } = page ? await page() : { code: 404, text: 'expected /metrics or /ready\n' }
    response.writeHead(code, { 'content-type': type }).end(text)
  })
}
