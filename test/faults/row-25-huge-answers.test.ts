import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMeasurer } from '../../src/metrics/registry.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { loopbackServer } from '../support/loopback-server.ts'

const canary = aCanary({ analysis: { metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }] } })

const megabyte = 1024 * 1024

/** Sends pieces until nobody reads any more, or this is enough; answers with how much was sent. */
const pour = (response: ServerResponse, piece: Buffer, enoughBytes: number): { readonly sent: number } => {
  const count = { sent: 0 }
  const more = (): void => {
    while (!response.destroyed && count.sent < enoughBytes) {
      count.sent += piece.length
      if (!response.write(piece)) return
    }
    response.end()
  }
  response.on('drain', more)
  more()
  return count
}

/** What is measured through a Prometheus that answers so, and how much of it was taken. */
const measured = async (
  head: string,
  piece: Buffer,
  options: { readonly enoughBytes: number; readonly headers?: Readonly<Record<string, string>> },
) => {
  let poured = { sent: 0 }
  const server = await loopbackServer(response => {
    response.writeHead(200, { 'content-type': 'application/json', ...options.headers })
    response.write(head)
    poured = pour(response, piece, options.enoughBytes)
  })
  const measurer = createMeasurer({
    lookup: { template: () => undefined, secret: async () => undefined },
    options: { metricsServer: server.url, meshProvider: 'istio', noCrossNamespaceRefs: false },
  })
  onTestFinished(() => measurer.close())
  const [measurement] = await measurer.measure(canary, canary.spec.analysis.metrics, testIo())
  return { measurement, sent: poured.sent }
}

const series = Buffer.from(Array.from({ length: 1000 }, (_, at) => `{"metric":{"pod":"podinfo-${at}"},"value":[1,"100"]},`).join(''))

describe('a Prometheus that answers', () => {
  it('a gigabyte is cut off early, and says so in place of a number', async () => {
    const { measurement, sent } = await measured('{"status":"success","data":"', Buffer.alloc(megabyte, 'x'), {
      enoughBytes: 1024 * megabyte,
    })
    expect(measurement).toMatchObject({ silence: { message: expect.stringContaining('far too long') } })
    expect(measurement?.value).toBeUndefined()
    expect(sent).toBeLessThan(64 * megabyte)
  })

  it('a million series is cut off early, and says so in place of a number', async () => {
    const head = '{"status":"success","data":{"resultType":"vector","result":['
    const { measurement, sent } = await measured(head, series, { enoughBytes: 1000 * series.length })
    expect(measurement).toMatchObject({ silence: { message: expect.stringContaining('far too long') } })
    expect(sent).toBeLessThan(500 * series.length)
  })

  it('a few kilobytes that unpack to a quarter of a gigabyte unpacks none of it', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * megabyte, ' '))
    const before = process.memoryUsage().rss
    const { measurement } = await measured('', bomb, { enoughBytes: bomb.length, headers: { 'content-encoding': 'gzip' } })
    expect(measurement).toMatchObject({ silence: { message: expect.stringContaining('far too long') } })
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * megabyte)
  })
})
