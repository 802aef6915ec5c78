/** What programs that we start need of our environment, and nothing else: no credentials are handed on. */
const handedOn = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ']

/** The environment for programs of the sandbox. */
export const environmentOf = (env: Readonly<Record<string, string | undefined>> = process.env): Readonly<Record<string, string>> =>
  Object.fromEntries(handedOn.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))
