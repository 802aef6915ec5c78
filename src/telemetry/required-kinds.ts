import type { KindRef } from '../api/object.ts'
import type { Logger } from '../io.ts'
import type { Health } from './health-server.ts'

/** A watch over kinds without which there is nothing to do. Its first two methods are what a reflector tells its observer. */
export interface RequiredKinds {
  listed(ref: KindRef): void
  ended(ref: KindRef, code: string): void
  readonly health: Health
}

const advice = 'apply the CRDs of this version'

/** Not well while the cluster does not serve one of them; says so once for each that goes missing. */
export const requireKinds = (required: readonly KindRef[], log: Logger): RequiredKinds => {
  const missing = new Set<string>()
  const isRequired = ({ apiVersion, kind }: KindRef): boolean => required.some(one => one.apiVersion === apiVersion && one.kind === kind)
  return {
    listed: ({ kind }) => {
      missing.delete(kind)
    },
    ended: (ref, code) => {
      if (code !== 'NotFound' || !isRequired(ref) || missing.has(ref.kind)) return
      missing.add(ref.kind)
      log.error({ kind: ref.kind, apiVersion: ref.apiVersion, advice }, 'CRD is not registered')
    },
    health: () => (missing.size === 0 ? undefined : `CRD is not registered: ${[...missing].join(', ')}; ${advice}`),
  }
}
