import { mermaid } from '../../src/core/diagram.ts'
import type { Generator } from './generator.ts'

const page = (): string => `# The state machine of a rollout

This page is generated from \`src/core/machine.ts\` by \`npm run generate\`; \`npx serin graph\` prints the same diagram.
How to read it, and what leads from one state to the next, is told in [How a decision is made](../decisions-explained.md).

Each arrow carries the news that moves the rollout, and in brackets the guard that has to hold. Deletion leads from every state to
\`Terminating\` and is left out.

\`\`\`mermaid
${mermaid()}\`\`\`
`

/** The machine as people see it. */
export const machinePage: Generator = { path: 'docs/reference/machine.md', content: page }
