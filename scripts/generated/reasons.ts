import { reasons } from '../../src/api/reasons.ts'
import { cell, type Generator, origin, table } from './generator.ts'

const intro = `Conditions, events, log lines and metrics carry one of these reasons. They are stable; search for them.`

/** The page of reasons. */
export const reasonsPage: Generator = {
  path: 'docs/reasons.md',
  content: () => {
    const rows = Object.entries(reasons).map(([reason, meaning]) => [`\`${reason}\``, cell(meaning)])
    return `# Reasons\n\n<!-- ${origin} -->\n\n${intro}\n\n${table(['Reason', 'Meaning'], rows)}\n`
  },
}
