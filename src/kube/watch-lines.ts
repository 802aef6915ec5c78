import { KubeError, labelText, type RequestLabel, unreachable } from './errors.ts'

const newline = 0x0a

/** The server sends one JSON document per line; etcd allows 1.5 MB for an object, so that this is far more than any honest line. */
const defaultMaxBytes = 16 * 1024 * 1024

/**
 * Cuts a byte stream into lines; empty ones are skipped. Works on bytes, so that a character torn between two chunks comes out whole.
 * @throws {KubeError} `ServerError` when a line outgrows `maxBytes`, `Unreachable` when the stream ends inside a line
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, label: RequestLabel, maxBytes = defaultMaxBytes): AsyncGenerator<string> {
  const cutter = createCutter()
  for await (const chunk of chunks) {
    yield* cutter.linesIn(chunk)
    if (cutter.tornBytes() > maxBytes) {
      throw new KubeError('ServerError', `${labelText(label)}: expected lines of at most ${maxBytes} bytes, got more`)
    }
  }
  if (cutter.tornBytes() > 0) throw unreachable(label, new Error('the stream ended inside a line'), true)
}

const createCutter = () => {
  let torn: Buffer[] = []
  let tornBytes = 0
  return {
    /** Bytes of a line whose end has not come yet. */
    tornBytes: () => tornBytes,
    *linesIn(chunk: Buffer): Generator<string> {
      let from = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
        const line = Buffer.concat([...torn, chunk.subarray(from, end)]).toString('utf8')
        torn = []
        from = end + 1
        if (line.trim() !== '') yield line
      }
      if (from < chunk.length) torn.push(chunk.subarray(from))
      tornBytes = torn.reduce((sum, part) => sum + part.length, 0)
    },
  }
}
