import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { generators } from './generated/all.ts'

const root = resolve(import.meta.dirname, '..')

const onDisk = (path: string): string | undefined => {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined // not written yet: as stale as an old one
  }
}

const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

const stale = generators.map(({ path, content }) => ({ path, content: content() })).filter(({ path, content }) => onDisk(path) !== content)

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is stale; run npm run generate`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const { path, content } of stale) {
    write(path, content)
    console.log(`wrote ${path}`)
  }
}
