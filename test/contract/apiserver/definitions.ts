import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'

interface Definition {
  readonly body: { readonly metadata: { readonly name: string } }
  /** A path that answers once the kind is served. */
  readonly served: string
}

const root = resolve(import.meta.dirname, '../../..')

const definitionAt = (path: string, served: string): Definition => ({ body: parse(readFileSync(resolve(root, path), 'utf8')), served })

/** The kinds that cases may take for granted: our own, and one that shows what definitions can say. */
export const definitions = (): readonly Definition[] => [
  definitionAt('crds/canaries.flagger.app.yaml', '/apis/flagger.app/v1beta1/canaries'),
  definitionAt('crds/metrictemplates.flagger.app.yaml', '/apis/flagger.app/v1beta1/metrictemplates'),
  definitionAt('crds/alertproviders.flagger.app.yaml', '/apis/flagger.app/v1beta1/alertproviders'),
  definitionAt('test/contract/apiserver/manifests/widgets.yaml', '/apis/contract.serin.test/v1/widgets'),
]
