import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitBatch } from '../../src/metrics/batch-answer.ts'
import { readAnswer } from '../../src/metrics/prometheus-answer.ts'
import { batchOf, mayJoin } from '../../src/metrics/query-batch.ts'
import { anyQuery, hostileQuery, vectorQuery } from '../contract/promql/queries.ts'
import { embeddedAnswer } from './embedded-answers.ts'

const onOneLine = (query: string): string => query.replace(/\s+/g, ' ')

const alone = (query: string) => readAnswer(embeddedAnswer(query))

/** What a batch says of each; undefined when it is of no use. */
const together = (queries: readonly string[]) =>
  splitBatch(embeddedAnswer(batchOf(queries)), queries.length)?.map(answer => readAnswer(answer))

const isRefused = (query: string): boolean => embeddedAnswer(query).status !== 200

describe('a batch', () => {
  it('says of each query what it says alone', () => {
    fc.assert(
      fc.property(fc.array(vectorQuery, { minLength: 1, maxLength: 8 }), queries => {
        const sound = queries.filter(query => !isRefused(query))
        expect(sound.filter(query => !mayJoin(query))).toEqual([])
        if (sound.length > 0) expect(together(sound)).toEqual(sound.map(alone))
      }),
    )
  })

  it('never says anything else, whatever joins', () => {
    const one = fc.oneof(vectorQuery, anyQuery, hostileQuery).map(onOneLine)
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), queries => {
        const joined = queries.filter(mayJoin)
        const answers = together(joined)
        if (answers) expect(answers).toEqual(joined.map(alone))
      }),
    )
  })

  it('has no room for what gives no instant vector', () => {
    fc.assert(
      fc.property(fc.oneof(anyQuery, hostileQuery).map(onOneLine), query => {
        const { status, body } = embeddedAnswer(query)
        if (status === 200 && mayJoin(query)) expect(body).toMatchObject({ data: { resultType: 'vector' } })
      }),
    )
  })
})
