import type { Gateway, HttpRoute } from '../objects/gateway-api.ts'
import { parentRefsTo } from './attachment.ts'
import { type CompiledRoute, type CompileWorld, compileRoute, routeText } from './configuration.ts'
import { createRouteTable, type RouteTable } from './route-table.ts'

/** The routes of one Gateway, compiled. What has not changed is not compiled again: one moved weight costs one route, however many there are. */
export interface RouteShelf {
  /** The next update compiles the routes that name this Service (`namespace/name`) again. */
  serviceChanged(service: string): void
  /** The next update compiles everything again. */
  everythingChanged(): void
  /** Takes in the routes as they are now. Answers with those whose compilation is new, and those that are not served any more. */
  update(gateway: Gateway | undefined, routes: readonly HttpRoute[], world: CompileWorld): readonly string[]
  get(route: string): CompiledRoute | undefined
  all(): readonly CompiledRoute[]
  table(): RouteTable
}

const isSame = (a: HttpRoute, b: HttpRoute): boolean => a.metadata.uid === b.metadata.uid && a.metadata.generation === b.metadata.generation

export const createRouteShelf = (): RouteShelf => {
  let compiled = new Map<string, CompiledRoute>()
  let table = createRouteTable([])
  let everything = false
  const changedServices = new Set<string>()

  const isCurrent = (known: CompiledRoute | undefined, route: HttpRoute): known is CompiledRoute =>
    known !== undefined &&
    !everything &&
    isSame(known.verdict.route, route) &&
    ![...known.services].some(service => changedServices.has(service))

  const compileAll = (gateway: Gateway, routes: readonly HttpRoute[], world: CompileWorld) =>
    new Map(
      routes
        .filter(route => parentRefsTo(gateway, route).length > 0)
        .map(route => {
          const known = compiled.get(routeText(route))
          return [routeText(route), isCurrent(known, route) ? known : compileRoute(route, gateway, world)]
        }),
    )

  return {
    serviceChanged: service => void changedServices.add(service),
    everythingChanged: () => {
      everything = true
    },
    update: (gateway, routes, world) => {
      const before = compiled
      compiled = gateway ? compileAll(gateway, routes, world) : new Map()
      everything = false
      changedServices.clear()
      const changed = [...new Set([...before.keys(), ...compiled.keys()])].filter(name => before.get(name) !== compiled.get(name))
      if (changed.length > 0) table = createRouteTable([...compiled.values()].flatMap(({ entries }) => entries))
      return changed
    },
    get: route => compiled.get(route),
    all: () => [...compiled.values()],
    table: () => table,
  }
}
