import { isIPv4, isIPv6 } from 'node:net'

const dateTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
const goDuration = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': text => dateTime.test(text) && !Number.isNaN(Date.parse(text)),
  date: text => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  duration: text => goDuration.test(text),
  byte: text => base64.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  uuid: text => uuid.test(text),
  uri: text => URL.canParse(text),
}

/** Whether a text has the named format. As with the real API, unknown formats are not looked at. */
export const matchesFormat = (text: string, format: string): boolean => formats[format]?.(text) ?? true
