import { capacityMutants } from './capacity-mutants.ts'
import { houseMutants } from './house-mutants.ts'
import { judgementMutants } from './judgement-mutants.ts'
import type { Mutant } from './mutant.ts'
import { trafficMutants } from './traffic-mutants.ts'

/** Every way in which the controller is broken on purpose. */
export const mutants: readonly Mutant[] = [...trafficMutants, ...capacityMutants, ...judgementMutants, ...houseMutants]
