import { forbiddenValue, tooLong, unsupportedValue } from './field-errors.ts'
import { invalid, type StatusCause } from './status.ts'

type Query = URLSearchParams

const optionsNamed = (kind: string) => ({ group: 'meta.k8s.io', plural: '', kind })

const refuse = (kind: string, causes: readonly StatusCause[]): void => {
  if (causes.length > 0) throw invalid(optionsNamed(kind), causes)
}

const managerLimit = 128

const managerCauses = (query: Query): StatusCause[] =>
  Buffer.byteLength(query.get('fieldManager') ?? '') > managerLimit ? [tooLong('fieldManager', managerLimit)] : []

const dryRunCauses = (query: Query): StatusCause[] => {
  const asked = query.getAll('dryRun')
  return asked.some(one => one !== 'All') ? [unsupportedValue('dryRun', asked, ['All'])] : []
}

const validationModes = ['', 'Ignore', 'Strict', 'Warn']

const validationCauses = (query: Query): StatusCause[] => {
  const asked = query.get('fieldValidation') ?? ''
  return validationModes.includes(asked) ? [] : [unsupportedValue('fieldValidation', asked, validationModes)]
}

/** What is wrong with the options of a write, named after its verb. @throws {StatusError} 422 */
export const checkWriteOptions = (query: Query, verb: 'Create' | 'Update'): void =>
  refuse(`${verb}Options`, [...managerCauses(query), ...dryRunCauses(query), ...validationCauses(query)])

/** As for writes; besides, only server-side apply may use force. @throws {StatusError} 422 */
export const checkPatchOptions = (query: Query, isApply: boolean): void => {
  const isForced = query.has('force') && !isApply
  const force = isForced ? [forbiddenValue('force', 'may not be specified for non-apply patch')] : []
  refuse('PatchOptions', [...force, ...managerCauses(query), ...dryRunCauses(query), ...validationCauses(query)])
}

const policies = ['Foreground', 'Background', 'Orphan']

/** @throws {StatusError} 422 */
export const checkDeleteOptions = (query: Query, policy: string): void => {
  const known = policy === '' || policies.includes(policy)
  refuse('DeleteOptions', [...(known ? [] : [unsupportedValue('propagationPolicy', policy, [...policies, 'nil'])]), ...dryRunCauses(query)])
}

const matches = ['Exact', 'NotOlderThan', '']

const matchCauses = (query: Query, match: string): StatusCause[] => {
  const version = query.get('resourceVersion') ?? ''
  const forbid = (words: string): StatusCause[] => [forbiddenValue('resourceVersionMatch', words)]
  if (version === '') return forbid('resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (query.get('continue')) return forbid('resourceVersionMatch is forbidden when continue is provided')
  if (!matches.includes(match)) return [unsupportedValue('resourceVersionMatch', match, matches)]
  return match === 'Exact' && version === '0' ? forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"') : []
}

/** @throws {StatusError} 422 */
export const checkListOptions = (query: Query): void => {
  const match = query.get('resourceVersionMatch') ?? ''
  refuse('ListOptions', match === '' ? [] : matchCauses(query, match))
}

/** Initial events are only defined for a stream that may start later than asked. @throws {StatusError} 422 */
export const checkWatchOptions = (query: Query): void => {
  const match = query.get('resourceVersionMatch') ?? ''
  const streams = query.get('sendInitialEvents') === 'true'
  const forbid = (words: string): void => refuse('ListOptions', [forbiddenValue('resourceVersionMatch', words)])
  if (streams && match !== 'NotOlderThan') forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  if (!query.has('sendInitialEvents') && match !== '')
    forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
}
