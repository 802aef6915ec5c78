import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const levelStyles: Readonly<Record<string, Style>> = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' }

/** A JSON log line as people read it: time, level, message, then the facts. A line that is no JSON comes back as it is. */
export const prettyLine = (line: string, colors: boolean): string => {
  const parsed = parse(line)
  if (parsed === undefined) return line
  const { level, ts, msg, ...facts } = parsed
  const paint = (style: Style, text: string) => (colors ? styleText(style, text, { validateStream: false }) : text)
  const name = String(level)
  const time = String(ts).slice(11, 23)
  const parts = Object.entries(facts).map(([key, value]) => `${paint('dim', `${key}=`)}${plain(value)}`)
  return `${[paint('dim', time), paint(levelStyles[name] ?? 'white', name.toUpperCase().padEnd(5)), String(msg), ...parts].join(' ')}\n`
}

const parse = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    // Only our own lines come here; another one is still worth seeing.
    return undefined
  }
}

/** Words without blanks as they are, everything else as JSON, so that no value looks like another fact. */
const plain = (value: unknown): string => (typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value))
