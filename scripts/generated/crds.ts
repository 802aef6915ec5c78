import { stringify } from 'yaml'
import { customResourceDefinitions } from '../../src/api/crd.ts'
import { type Generator, origin } from './generator.ts'

/** One file per CustomResourceDefinition. */
export const crds: readonly Generator[] = customResourceDefinitions().map(crd => ({
  path: `crds/${crd.metadata.name}.yaml`,
  content: () => `# ${origin}\n${stringify(crd, { aliasDuplicateObjects: false, lineWidth: 0 })}`,
}))
