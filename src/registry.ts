import { CanaryError } from './errors.ts'

/** Somebody asked for a provider that does not exist. There is no default to fall back to. */
export class UnknownProvider extends CanaryError {
  readonly code = 'UnknownProvider'
  readonly disposition = 'terminal'
}

/** The providers of one port by name. */
export interface Registry<P extends { readonly name: string }> {
  readonly names: readonly string[]
  readonly all: readonly P[]
  has(name: string): boolean
  /** @throws {UnknownProvider} terminal: no provider of that name; the message lists those that exist */
  get(name: string): P
}

/** Builds the registry of one port; a new provider is a new file plus one name in this list. */
export const defineRegistry = <P extends { readonly name: string }>(port: string, providers: readonly P[]): Registry<P> => {
  const byName = new Map(providers.map(provider => [provider.name, provider]))
  const names = [...byName.keys()]
  return {
    names,
    all: providers,
    has: name => byName.has(name),
    get: name => {
      const found = byName.get(name)
      if (!found) throw new UnknownProvider(`unknown ${port} provider ${JSON.stringify(name)}, expected one of: ${names.join(', ')}`)
      return found
    },
  }
}
