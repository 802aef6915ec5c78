import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folder of the package that a bundled file belongs to; undefined for our own files. */
const packageFolder = (file: string): string | undefined => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]

const licenceFile = /^(licen[cs]e|copying|notice)/i

const textsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter(name => licenceFile.test(name))
    .map(name => readFileSync(join(folder, name), 'utf8').trim())

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

const noticeOf = (folder: string): string => {
  const { name, version, license = 'see below' }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [`${name} ${version} (${license})`, ...textsIn(folder)].join('\n\n')
}

/** The licences of everything that is part of a bundle, as these ask for. `files` are its inputs, relative to the working directory. */
export const thirdPartyNotices = (files: readonly string[]): string => {
  const folders = new Set(files.flatMap(file => packageFolder(file) ?? []))
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `${[...folders].sort().map(noticeOf).join(line)}\n`
}
