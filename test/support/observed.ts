import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeObject } from '../../src/api/object.ts'

const dir = join(import.meta.dirname, '../fixtures/observed')

/** Objects that a controller of the field really wrote, such as `1-initialized-deployments`. */
export const observed = (file: string): readonly KubeObject[] => JSON.parse(readFileSync(join(dir, `${file}.json`), 'utf8'))

/** One of them by name. */
export const observedObject = (file: string, name: string): KubeObject => {
  const found = observed(file).find(object => object.metadata.name === name)
  if (!found) throw new Error(`no object ${name} in ${file}`)
  return found
}
