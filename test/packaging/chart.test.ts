import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import packageJson from '../../package.json' with { type: 'json' }
import { alertProviders } from '../../src/alerts/registry.ts'
import { controllerSettings } from '../../src/config/controller-settings.ts'
import { settingsOf } from '../../src/config/setting.ts'
import { readText, readYaml, templatesText } from './chart-files.ts'

type Schema = z.core.JSONSchema.JSONSchema

const schemaText = readText('charts/serin/values.schema.json')
const schema: Schema = JSON.parse(schemaText)
const read = (values: unknown) => z.fromJSONSchema(JSON.parse(schemaText)).safeParse(values)
const settings = [...settingsOf(controllerSettings).values()]
const passedOn = [...readText('charts/serin/templates/_arguments.tpl').matchAll(/\(list "([a-z-]+)"/g)].map(([, flag]) => flag)

/** What the schema says of a value; undefined where it knows none. */
const described = (path: readonly string[], within: Schema | undefined = schema): Schema | undefined => {
  const [name, ...rest] = path
  if (name === undefined) return within
  return described(rest, within?.properties?.[name] as Schema | undefined)
}

/** To Helm a null takes a default away, before it looks at the schema. */
const withoutNulls = (values: unknown): unknown => JSON.parse(JSON.stringify(values, (_, value) => (value === null ? undefined : value)))

describe('the values of the chart', () => {
  it('fit their own schema', () => expect(read(readYaml('charts/serin/values.yaml')).error).toBeUndefined())

  it("take the values file of the field's chart", () =>
    expect(read(withoutNulls(readYaml('test/packaging/values/field.yaml'))).error).toBeUndefined())

  it.each([
    ['an unknown name', { slak: {} }],
    ['an unknown name further down', { slack: { ur1: '' } }],
    ['a number that is text', { leaderElection: { replicaCount: 'two' } }],
    ['a provider that is not built', { meshProvider: 'no-such-mesh' }],
    ['a provider that is not built, among rights', { rbac: { providers: ['no-such-mesh'] } }],
  ])('refuse %s', (_, values) => expect(read(values).success).toBe(false))

  it('are all known that the templates ask for', () => {
    const asked = [...templatesText().matchAll(/\.Values((?:\.\w+)+)/g)].map(([, path = '']) => path.slice(1))
    expect(asked.filter(path => described(path.split('.')) === undefined)).toEqual([])
  })

  it('are all asked for by the templates', () => {
    const text = templatesText()
    const ignored = ['global']
    const tops = Object.keys(schema.properties ?? {}).filter(name => !ignored.includes(name))
    expect(tops.filter(name => !text.includes(`.Values.${name}`))).toEqual([])
  })
})

describe('the chart', () => {
  it('has the version of the program', () => {
    const { version, appVersion } = readYaml('charts/serin/Chart.yaml')
    expect([version, appVersion]).toEqual([packageJson.version, packageJson.version])
  })

  it('passes on only flags that the controller has', () => {
    const known = settings.map(({ flag }) => flag)
    expect(passedOn.filter(flag => !known.includes(flag ?? ''))).toEqual([])
  })

  it('passes no credential as an argument', () => {
    const secret = settings.filter(one => one.secret).map(({ flag }) => flag)
    expect(passedOn.filter(flag => secret.includes(flag ?? ''))).toEqual([])
  })

  it('hands over every credential by the environment', () => {
    const names = settings.flatMap(({ secret, env }) => (secret && env ? [env] : []))
    const text = readText('charts/serin/templates/_credentials.tpl')
    expect(names.filter(name => !text.includes(`"${name}"`))).toEqual([])
  })

  it('refuses Teams as long as no alert can go there', () =>
    expect(readText('charts/serin/templates/_refusals.tpl').includes('.Values.msteams.url')).toBe(!alertProviders.has('msteams')))
})
