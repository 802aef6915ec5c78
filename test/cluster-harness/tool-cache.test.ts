import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CacheEntry, cached } from '../cluster/tools/tool-cache.ts'

describe('the cache of programs', () => {
  let root = ''
  let said: string[] = []
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'serin-tool-cache-'))
    said = []
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const entry = (make: CacheEntry['make']): CacheEntry => ({ name: 'etcd-1', title: 'etcd', make })
  const take = (make: CacheEntry['make']) =>
    cached(entry(make), { root, say: line => void said.push(line), signal: new AbortController().signal })
  const writing = (text: string) => (folder: string) => writeFile(join(folder, 'etcd'), text)

  it('makes what is missing', async () => {
    const folder = await take(writing('first'))
    expect(readFileSync(join(folder, 'etcd'), 'utf8')).toBe('first')
  })

  it('makes nothing twice', async () => {
    await take(writing('first'))
    const folder = await take(writing('second'))
    expect(readFileSync(join(folder, 'etcd'), 'utf8')).toBe('first')
  })

  it('says what takes so long', async () => {
    await take(writing('first'))
    expect(said).toEqual([expect.stringContaining('building etcd'), expect.stringMatching(/^built etcd in \d+ s$/)])
  })

  it('says nothing where there is nothing to do', async () => {
    await take(writing('first'))
    said = []
    await take(writing('second'))
    expect(said).toEqual([])
  })

  it('keeps nothing of a build that failed', async () => {
    await expect(take(() => Promise.reject(new Error('no space left')))).rejects.toThrow('no space left')
    expect(readdirSync(root)).toEqual([])
  })

  it('serves two that build the same at the same time', async () => {
    const folders = await Promise.all([take(writing('same')), take(writing('same'))])
    expect(new Set(folders)).toEqual(new Set([join(root, 'etcd-1')]))
    expect(readdirSync(root)).toEqual(['etcd-1'])
    expect(existsSync(join(root, 'etcd-1', 'etcd'))).toBe(true)
  })
})
