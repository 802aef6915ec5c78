import * as z from 'zod'
import { Condition, viewOf } from './view.ts'

const Taint = z.looseObject({ key: z.string(), value: z.string().optional(), effect: z.string() })

export const readNode = viewOf(
  z.looseObject({
    spec: z.looseObject({ unschedulable: z.boolean().default(false), taints: z.array(Taint).nullish() }).prefault({}),
    status: z.looseObject({ conditions: z.array(Condition).default([]) }).prefault({}),
  }),
)
export type Node = ReturnType<typeof readNode>
