import { type Canary, serviceNames } from '../api/canary.ts'
import type { RoutingOptions } from './router.ts'

/** Labels of a route: those of the apex. Only a Canary that sets apex metadata also gets the selector label, as the field has it. */
export const routeLabels = (canary: Canary, { labelKey }: RoutingOptions): Readonly<Record<string, string>> => {
  const { apex } = canary.spec.service
  return apex ? { ...apex.labels, [labelKey]: serviceNames(canary).apex } : {}
}
