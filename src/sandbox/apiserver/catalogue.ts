import { builtinResources } from './builtin-resources.ts'
import { groupVersionOf, type Resource, resourceId, type Version } from './resource.ts'

/** A resource in one of its versions. */
export interface Endpoint {
  readonly resource: Resource
  readonly version: Version
}

/** The kinds the API serves now: the built-in ones, and what definitions add. */
export interface Catalogue {
  /** In the order in which discovery lists them. */
  all(): readonly Resource[]
  byId(id: string): Resource | undefined
  byPlural(apiVersion: string, plural: string): Endpoint | undefined
  byKind(apiVersion: string, kind: string): Endpoint | undefined
  /** Adds a kind, or takes the place of the one with this id. */
  add(resource: Resource): void
  /** Takes a kind away; a built-in one of the same id comes back. */
  drop(id: string): void
  /** Rises with every change, so that documents made of the catalogue can be kept until then. */
  edition(): number
}

const versionOf = (resource: Resource, name: string): Version | undefined =>
  resource.versions.find(version => version.name === name && version.served)

const endpoint = (resource: Resource | undefined, version: string): Endpoint | undefined => {
  const found = resource && versionOf(resource, version)
  return resource && found ? { resource, version: found } : undefined
}

export const createCatalogue = (): Catalogue => {
  const builtins = new Map(builtinResources.map(resource => [resourceId(resource), resource]))
  const resources = new Map(builtins)
  /** By apiVersion and plural, as long as nothing is added or dropped: every call begins here. */
  const found = new Map<string, Map<string, Endpoint>>()
  let edition = 0

  const changed = (): void => {
    found.clear()
    edition += 1
  }

  const find = (apiVersion: string, plural: string): Endpoint | undefined => {
    const { group, version } = groupVersionOf(apiVersion)
    return endpoint(resources.get(resourceId({ group, plural })), version)
  }

  const byPlural: Catalogue['byPlural'] = (apiVersion, plural) => {
    const known = found.get(apiVersion)?.get(plural)
    if (known) return known
    const wanted = find(apiVersion, plural)
    if (wanted) found.set(apiVersion, (found.get(apiVersion) ?? new Map<string, Endpoint>()).set(plural, wanted))
    return wanted
  }

  const byKind: Catalogue['byKind'] = (apiVersion, kind) => {
    const { group, version } = groupVersionOf(apiVersion)
    for (const resource of resources.values()) {
      if (resource.group === group && resource.kind === kind) return endpoint(resource, version)
    }
    return undefined
  }

  return {
    all: () => [...resources.values()],
    byId: id => resources.get(id),
    byPlural,
    byKind,
    add: resource => {
      resources.set(resourceId(resource), resource)
      changed()
    },
    drop: id => {
      const builtin = builtins.get(id)
      if (builtin) resources.set(id, builtin)
      else resources.delete(id)
      changed()
    },
    edition: () => edition,
  }
}
