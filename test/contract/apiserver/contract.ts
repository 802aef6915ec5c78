import { access } from './cases/access.ts'
import { applying } from './cases/apply.ts'
import { applyingLists } from './cases/apply-lists.ts'
import { refusedApplies } from './cases/apply-refusals.ts'
import { builtinKinds } from './cases/builtin-kinds.ts'
import { defaulting } from './cases/defaulting.ts'
import { definitionsOfKinds } from './cases/definitions.ts'
import { deleting } from './cases/deleting.ts'
import { discovery } from './cases/discovery.ts'
import { dryRuns } from './cases/dry-run.ts'
import { leasesAndEvents } from './cases/leases-and-events.ts'
import { limits } from './cases/limits.ts'
import { lists } from './cases/lists.ts'
import { objects } from './cases/objects.ts'
import { parking } from './cases/parking.ts'
import { patches } from './cases/patches.ts'
import { protocol } from './cases/protocol.ts'
import { rules } from './cases/rules.ts'
import { schemas } from './cases/schemas.ts'
import { subresources } from './cases/subresources.ts'
import { tables } from './cases/tables.ts'
import { unknownFields } from './cases/unknown-fields.ts'
import { versions } from './cases/versions.ts'
import { forgetting, watches } from './cases/watches.ts'
import type { Chapter } from './contract-case.ts'

/** Everything that the embedded API server and a real one must do alike. */
export const chapters: readonly Chapter[] = [
  objects,
  patches,
  applying,
  applyingLists,
  refusedApplies,
  parking,
  lists,
  watches,
  subresources,
  defaulting,
  unknownFields,
  schemas,
  rules,
  builtinKinds,
  versions,
  deleting,
  dryRuns,
  leasesAndEvents,
  access,
  limits,
  protocol,
  discovery,
  tables,
  definitionsOfKinds,
  forgetting,
]
