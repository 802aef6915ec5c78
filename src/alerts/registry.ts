import { defineRegistry } from '../registry.ts'
import { slack } from './slack.ts'

/** Chat systems that alerts can be sent to. A new one is one new file and one name here. */
export const alertProviders = defineRegistry('alert', [slack])
