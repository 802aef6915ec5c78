import * as z from 'zod'
import type { KubeObject, ObjectMeta } from './object.ts'
import type { Problem } from './problem.ts'
import { type Reading, readSpecOf } from './read-object.ts'

/** Every chat system that an AlertProvider may name. Which of them a build can reach is for the alerts registry to say. */
const alertProviderTypes = ['slack', 'msteams', 'discord', 'rocket', 'gchat'] as const

export const AlertProviderSpec = z.object({
  type: z.enum(alertProviderTypes).describe('The chat system.'),
  channel: z.string().default('general').describe('Channel to post to, where the chat system lets the sender choose.'),
  username: z.string().default('flagger').describe('Name to post as, where the chat system lets the sender choose.'),
  address: z.string().optional().describe('URL of the hook. Set this or secretRef.'),
  secretRef: z
    .object({ name: z.string().describe('Name of the Secret, in the namespace of the AlertProvider.') })
    .optional()
    .describe('Secret with the keys `address` and, for Slack, `token`. Set this or address.'),
  proxy: z.string().optional().describe('Proxy to go through.'),
})
export type AlertProviderSpec = z.infer<typeof AlertProviderSpec>

/** A receiver of alerts. */
export interface AlertProvider extends KubeObject {
  readonly apiVersion: string
  readonly kind: 'AlertProvider'
  readonly metadata: ObjectMeta
  readonly spec: AlertProviderSpec
}

const standIns = { type: 'slack' }

/** Reads a stored AlertProvider. Never throws; one with problems must not be sent to. */
export const readAlertProvider = (object: KubeObject): Reading<AlertProvider> => {
  const reading = readSpecOf({ object, kind: 'AlertProvider', schema: AlertProviderSpec, standIns })
  const { address, secretRef } = reading.object.spec
  return address || secretRef ? reading : { ...reading, problems: [...reading.problems, addressMissing] }
}

const addressMissing: Problem = { path: 'spec.address', message: 'expected address or secretRef, got neither; add one of them' }
