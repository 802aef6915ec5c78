import { type AboutReason, type ReasonKind, reasons } from '../../src/api/reasons.ts'
import { cell, type Generator, origin, table } from './generator.ts'

const intro = `Conditions, events, alerts, log lines and metrics carry one of these reasons. They are stable; search for them. Messages say
what was measured against which limit, which pods or which hook they speak of; what to do next stands here, at the end of the
conditions \`Ready\` and \`Stalled\`, and in alerts.`

const titles: Readonly<Record<ReasonKind, string>> = {
  hold: 'Why a rollout does not go on just now',
  verdict: 'What the checks found',
  ended: 'Why a rollout is over',
  obstacle: 'Why nothing is done, or can be done, at all',
  news: 'What happened',
}

/** What a hold waits for has a limit, unless a person is waited for. */
const heard = ({ event, alert, isPatient }: AboutReason): string =>
  [event, ...(alert ? [`alert: ${alert}`] : []), ...(isPatient ? ['no deadline'] : [])].join(', ')

const section = ([kind, title]: [string, string]): string => {
  const rows = Object.entries(reasons as Readonly<Record<string, AboutReason>>).filter(([, about]) => about.kind === kind)
  const cells = rows.map(([reason, about]) => [`\`${reason}\``, cell(about.meaning), cell(about.next), heard(about)])
  return `## ${title}\n\n${table(['Reason', 'Meaning', 'What to do', 'Event and alert'], cells)}\n`
}

/** The page of reasons. */
export const reasonsPage: Generator = {
  path: 'docs/reasons.md',
  content: () => `# Reasons\n\n<!-- ${origin} -->\n\n${intro}\n\n${Object.entries(titles).map(section).join('\n')}`,
}
