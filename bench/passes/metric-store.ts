import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from '../answers.ts'

/* A Prometheus that always has one good sample, and counts who asks. */

export interface MetricStoreQuestions {
  /** Starts it; answers with its address. */
  begin(): Promise<string>
  /** Queries since the last time. */
  take(): number
}

let queries = 0
/** Passes as a success rate in percent, and (times 1,000) as milliseconds. */
const value = { rate: '100', seconds: '0.1' }

const series = (query: string, metric: Readonly<Record<string, string>> = {}) => ({
  metric,
  value: [Date.now() / 1000, query.includes('histogram_quantile') ? value.seconds : value.rate],
})

/** One query of several that are asked in one request, and its mark. */
const partOfBatch = /label_replace\(\(([\s\S]*?)\n\),"(\w+)","(\d+)"/g

const answerText = (query: string): string => {
  const parts = [...query.matchAll(partOfBatch)].map(([, part = '', label = '', mark = '']) => series(part, { [label]: mark }))
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result: parts.length > 0 ? parts : [series(query)] } })
}

const questions: MetricStoreQuestions = {
  begin: async () => {
    const server = createServer({ keepAliveTimeout: 120_000 }, async (request, response) => {
      queries += 1
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const form = Buffer.concat(chunks).toString('utf8') || (request.url ?? '').replace(/^[^?]*/, '')
      const query = new URLSearchParams(form).get('query') ?? ''
      response.setHeader('content-type', 'application/json')
      response.end(answerText(query))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  take: () => {
    const taken = queries
    queries = 0
    return taken
  },
}

answer({ ...questions })
