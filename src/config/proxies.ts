import type { Proxies } from '../http-call.ts'

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const

/** The proxies that the environment names, as every program reads them: upper case first, then lower case. */
export const proxiesOf = (env: Readonly<Record<string, string | undefined>> = process.env): Proxies =>
  Object.fromEntries(
    names.flatMap(name => {
      const value = env[name] || env[name.toLowerCase()]
      return value ? [[name, value]] : []
    }),
  )
