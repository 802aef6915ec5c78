import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map(name => `docs/${name}`),
]
  .filter(name => name.endsWith('.md'))
  .sort()

const withoutCode = (text: string): string => text.replaceAll(/```.*?```|`[^`\n]*`/gs, '')

/** Targets of links and pictures of a page, without those that lead outside or to a place on the page itself. */
const linksOf = (page: string): readonly string[] =>
  [...withoutCode(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#', 1)[0] ?? '')
    .filter(target => target !== '' && !target.includes('://'))

describe('the documentation', () => {
  it.each(pages)('%s links only to what exists', page =>
    expect(linksOf(page).filter(target => !existsSync(join(root, dirname(page), target)))).toEqual([]),
  )
})
