import { expect, it } from 'vitest'
import { readCommandLine, type Wish } from '../cluster/command-line.ts'

it.each<[string, Wish]>([
  ['up', { kind: 'up', serin: false }],
  ['up --serin', { kind: 'up', serin: true }],
  ['up --provider modules', { kind: 'up', serin: false, provider: 'modules' }],
  ['up --logs logs', { kind: 'up', serin: false, logs: 'logs' }],
  ['test', { kind: 'test', json: false, require: false, filters: [] }],
  ['test --json --require', { kind: 'test', json: true, require: true, filters: [] }],
  ['test suite/lab -t promotes', { kind: 'test', json: false, require: false, filters: ['suite/lab', '-t', 'promotes'] }],
  ['inside plan.json', { kind: 'inside', plan: 'plan.json' }],
  ['', { kind: 'help' }],
  ['test --help', { kind: 'help' }],
])('reads %j', (line, wish) => {
  expect(readCommandLine(line.split(' ').filter(word => word !== ''))).toEqual(wish)
})

it.each([
  ['down', 'expected up or test, got "down"'],
  ['up --serine', "Unknown option '--serine'"],
  ['test --provider kind', '--provider: expected one of kubeconfig, assets, k3s, modules, got "kind"'],
])('refuses %j', (line, message) => {
  expect(readCommandLine(line.split(' '))).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) })
})
