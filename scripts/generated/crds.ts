import { stringify } from 'yaml'
import { customResourceDefinitions } from '../../src/api/crd.ts'
import { type Generator, origin } from './generator.ts'

/** For `kubectl apply -f crds`, and for Helm, which takes them from the chart. */
const folders = ['crds', 'charts/serin/crds']

/** One file per CustomResourceDefinition. */
export const crds: readonly Generator[] = folders.flatMap(folder =>
  customResourceDefinitions().map(crd => ({
    path: `${folder}/${crd.metadata.name}.yaml`,
    content: () => `# ${origin}\n${stringify(crd, { aliasDuplicateObjects: false, lineWidth: 0 })}`,
  })),
)
