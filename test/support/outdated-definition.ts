import type { Stage } from './stage.ts'

/**
 * From now on the API server keeps a status without the fields that its definition of a Canary does not know. Calling what comes back is
 * applying the definition that knows them.
 */
export const forgetFields = ({ api }: Stage, fields: readonly string[]): (() => void) => {
  const write = api.updateStatus
  Object.assign(api, {
    updateStatus: async (...args: Parameters<typeof write>) => {
      const stored = await write(...args)
      const status = Object.entries(stored['status'] as Record<string, unknown>).filter(([field]) => !fields.includes(field))
      return api.put({ ...stored, status: Object.fromEntries(status) })
    },
  })
  return () => Object.assign(api, { updateStatus: write })
}

/** The definition of the field's own controller knows no finer states. */
export const forgetStates = (stage: Stage): (() => void) => forgetFields(stage, ['state', 'stateSince'])
