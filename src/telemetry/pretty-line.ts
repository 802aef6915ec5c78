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
  const entries = Object.entries(facts)
  const inline = entries.filter(([, value]) => !isBlock(value)).map(([key, value]) => `${paint('dim', `${key}=`)}${plain(value)}`)
  const blocks = entries
    .filter(([, value]) => isBlock(value))
    .map(([key, value]) => `\n  ${paint('dim', `${key}:`)}${indented(String(value))}`)
  const head = [paint('dim', time), paint(levelStyles[name] ?? 'white', name.toUpperCase().padEnd(5)), String(msg), ...inline].join(' ')
  return `${head}${blocks.join('')}\n`
}

/** Text of several lines, such as a command's output, stands below the facts. */
const isBlock = (value: unknown): boolean => typeof value === 'string' && value.trim().includes('\n')

const indented = (text: string): string => `\n${text.trim()}`.replaceAll('\n', '\n    ')

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
