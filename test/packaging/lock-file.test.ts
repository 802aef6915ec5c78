import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { readText } from './chart-files.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
}

const locked: Readonly<Record<string, Locked>> = JSON.parse(readText('package-lock.json')).packages

describe('package-lock.json', () => {
  it('holds exactly what package.json asks for, without which npm ci refuses', () => {
    const asked = { ...packageJson.dependencies, ...packageJson.devDependencies, ...packageJson.optionalDependencies }
    const wrong = Object.entries(asked).filter(([name, version]) => locked[`node_modules/${name}`]?.version !== version)
    expect(wrong).toEqual([])
  })

  it('records no download address', () => expect(Object.entries(locked).filter(([, { resolved }]) => resolved)).toEqual([]))
})
