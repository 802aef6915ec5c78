import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')

export const chartFolder = join(root, 'charts/serin')

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')

export const readYaml = (path: string): Readonly<Record<string, unknown>> => parse(readText(path))

/** All templates, as one text. */
export const templatesText = (): string =>
  readdirSync(join(chartFolder, 'templates'))
    .map(name => readText(`charts/serin/templates/${name}`))
    .join('\n')
