import type { SendHttp } from '../http-call.ts'
import type { HookCaller } from './hook.ts'
import { createHookCaller } from './http-hooks.ts'

/** How webhooks are called: over HTTP, today the only way there is. */
export const hookCaller = (send: SendHttp): HookCaller => createHookCaller(send)
