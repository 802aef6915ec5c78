import { chart } from './chart.ts'
import { configurationPage } from './configuration.ts'
import { crds } from './crds.ts'
import { fieldReference } from './field-reference.ts'
import type { Generator } from './generator.ts'
import { machinePage } from './machine.ts'
import { rbac } from './rbac.ts'
import { reasonsPage } from './reasons.ts'

/** Everything that is written from the source. A new generated file is one more element. */
export const generators: readonly Generator[] = [...crds, ...fieldReference, reasonsPage, configurationPage, machinePage, ...rbac, ...chart]
