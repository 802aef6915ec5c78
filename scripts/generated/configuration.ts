import { configReference } from '../../src/config/reference.ts'
import type { Generator } from './generator.ts'

/** The page of flags and environment variables. */
export const configurationPage: Generator = { path: 'docs/configuration.md', content: configReference }
