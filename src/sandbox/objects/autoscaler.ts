import * as z from 'zod'
import { Condition, viewOf } from './view.ts'

const Metric = z.looseObject({
  type: z.string(),
  resource: z.looseObject({ name: z.string() }).optional(),
})

export const readAutoscaler = viewOf(
  z.looseObject({
    spec: z.looseObject({
      scaleTargetRef: z.looseObject({ apiVersion: z.string().default('apps/v1'), kind: z.string(), name: z.string() }),
      minReplicas: z.int().default(1),
      maxReplicas: z.int(),
      metrics: z.array(Metric).nullish(),
    }),
    status: z
      .looseObject({
        observedGeneration: z.int().optional(),
        currentReplicas: z.int().optional(),
        desiredReplicas: z.int().optional(),
        lastScaleTime: z.string().nullish(),
        conditions: z.array(Condition).nullish(),
      })
      .prefault({}),
  }),
)
export type Autoscaler = ReturnType<typeof readAutoscaler>
