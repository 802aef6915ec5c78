import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from '../../src/kube/watch-lines.ts'

const label = { verb: 'watch', resource: 'pods' }

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

const collect = async (chunks: readonly Uint8Array[], maxBytes?: number): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of linesOf(stream(chunks), label, maxBytes)) lines.push(line)
  return lines
}

/** The bytes of a text, cut at the given places. */
const cutAt = (text: string, places: readonly number[]): Uint8Array[] => {
  const bytes = Buffer.from(text)
  const cuts = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((end, n) => bytes.subarray(cuts[n], end))
}

describe('lines of a watch', () => {
  it('come out whole, wherever the stream is cut', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.array(fc.nat()), async (documents, places) => {
        const text = documents.map(document => `${document}\n`).join('')
        expect(await collect(cutAt(text, places))).toEqual(documents)
      }),
    ))

  it('may not outgrow their limit, however slowly they drip in', async () => {
    const drops = Array.from({ length: 200 }, () => Buffer.from('x'))
    await expect(collect(drops, 100)).rejects.toMatchObject({
      code: 'ServerError',
      message: 'watch pods: expected lines of at most 100 bytes, got more',
    })
  })

  it('may be as long as honest objects are', async () => {
    const long = 'x'.repeat(5_000_000)
    expect((await collect(cutAt(`${long}\n`, [65_536, 131_072]))).map(({ length }) => length)).toEqual([5_000_000])
  })

  it('are refused when the last one is torn', async () => {
    await expect(collect([Buffer.from('{}\n{"a"')])).rejects.toMatchObject({ code: 'Unreachable' })
  })
})
