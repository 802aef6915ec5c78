import type { SendHttp } from '../http-call.ts'
import { createHookDelivery as deliveryOver, type HookDelivery } from './deliver-hook.ts'
import type { DeliverHook, HookCaller } from './hook.ts'
import { createHookCaller } from './http-hooks.ts'

/** How webhooks are called: over HTTP, today the only way there is. */
export const hookCaller = (send: SendHttp): HookCaller => createHookCaller(send)

/** How events and the end of a rollout reach their webhooks. */
export const createHookDelivery = (options: HookDelivery): DeliverHook => deliveryOver(options)
