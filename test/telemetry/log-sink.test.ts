import { describe, expect, it } from 'vitest'
import { patientSink } from '../../src/telemetry/log-sink.ts'

const noRoom = (): never => {
  throw Object.assign(new Error('write EAGAIN'), { code: 'EAGAIN' })
}

/** A place with room for so many bytes, which may be given more. */
const place = (room: number) => {
  const seen = { text: '', room }
  const take = (bytes: Uint8Array): number => {
    const taken = Math.min(bytes.length, seen.room)
    if (taken === 0) noRoom()
    seen.room -= taken
    seen.text += Buffer.from(bytes.subarray(0, taken)).toString()
    return taken
  }
  return { seen, take }
}

describe('a sink of log lines', () => {
  it('writes a line at once', () => {
    const { seen, take } = place(100)
    patientSink(take).write('one\n')
    expect(seen.text).toBe('one\n')
  })

  it('keeps what there is no room for until the next line, in its order', () => {
    const { seen, take } = place(6)
    const sink = patientSink(take)
    for (const line of ['one\n', 'two\n', 'three\n']) sink.write(line)
    expect(seen.text).toBe('one\ntw')
    seen.room = 100
    sink.write('four\n')
    expect(seen.text).toBe('one\ntwo\nthree\nfour\n')
  })

  it('loses what is too much, and lines as a whole', () => {
    const { seen, take } = place(0)
    const sink = patientSink(take, 10)
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) sink.write(line)
    seen.room = 100
    sink.write('five\n')
    expect(seen.text).toBe('one\ntwo\nfive\n')
  })

  it('tells how many lines were lost, once, when there is room again', () => {
    const { seen, take } = place(0)
    const told: number[] = []
    const sink = patientSink(take, 10)
    sink.onLost?.(lines => told.push(lines))
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) sink.write(line)
    expect(told).toEqual([])
    seen.room = 100
    sink.write('five\n')
    sink.write('six\n')
    expect(told).toEqual([2])
  })

  it('may be written to by who hears of that', () => {
    const { seen, take } = place(0)
    const sink = patientSink(take, 4)
    sink.onLost?.(lines => sink.write(`${lines} lost\n`))
    for (const line of ['one\n', 'two\n']) sink.write(line)
    seen.room = 100
    sink.write('six\n')
    expect(seen.text).toBe('one\nsix\n1 lost\n')
  })

  it('goes on where writing failed for good', () => {
    const sink = patientSink(noRoom, 4)
    expect(() => Array.from({ length: 100 }, () => sink.write('one\n'))).not.toThrow()
  })
})
