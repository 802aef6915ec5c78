import type { Stage } from './stage.ts'

/** From now on the API server keeps a status without the fields that its definition of a Canary does not know. */
export const forgetStates = ({ api }: Stage): void => {
  const write = api.updateStatus
  Object.assign(api, {
    updateStatus: async (...args: Parameters<typeof write>) => {
      const stored = await write(...args)
      const { state: _, stateSince: __, ...rest } = stored['status'] as Record<string, unknown>
      return api.put({ ...stored, status: rest })
    },
  })
}
