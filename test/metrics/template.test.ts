import { describe, expect, it } from 'vitest'
import { renderQuery } from '../../src/metrics/template/template.ts'
import { TemplateInvalid } from '../../src/metrics/template/template-invalid.ts'

const words = {
  name: 'podinfo',
  namespace: 'test',
  target: 'podinfo-target',
  service: 'web',
  ingress: 'podinfo-ingress',
  route: 'podinfo-route',
  interval: '1m',
}
const render = (text: string, variables: Readonly<Record<string, string>> = { a: '1', b: '2' }): string =>
  renderQuery(text, { words, variables })

/** The template, and what it renders to. */
type Rows = readonly (readonly [string, string])[]

describe('a query template', () => {
  it.each(Object.entries(words))('knows the word %s', (word, value) => expect(render(`{{ ${word} }}`)).toBe(value))

  it.each<Rows[number]>([
    ['{{ variables.a }}', '1'],
    ['{{variables.a}}', '1'],
    ['{{ index variables "zz" }}', ''],
    ['{{ index variables "a-b" }}', ''],
    ['{{ variables }}', 'map[a:1 b:2]'],
    ['{{ . }}', '<no value>'],
    ['{{ name }}|{{- interval -}} |', 'podinfo|1m|'],
    ['{{ printf "%s-%s" name target }}', 'podinfo-podinfo-target'],
    ['{{ if eq name "podinfo" }}yes{{ else }}no{{ end }}', 'yes'],
    ['{{ range $k, $v := variables }}{{ $k }}={{ $v }};{{ end }}', 'a=1;b=2;'],
    ['{{ name | printf "%q" }}', '"podinfo"'],
    ['plain text, { and } included', 'plain text, { and } included'],
    ['sum(rate(x{ns="{{ namespace }}"}[{{ interval }}]))', 'sum(rate(x{ns="test"}[1m]))'],
  ])('renders %s as the field does', (text, rendered) => expect(render(text)).toBe(rendered))

  it.each<Rows[number]>([
    ['a {{- "b" }}', 'ab'],
    ['{{ "a" -}} \n\t b', 'ab'],
    ['a {{/* a word */}}b', 'a b'],
    ['a {{- /* a word */ -}} b', 'ab'],
    ['{{ 1 }}{{ -2 }}{{ 0x1f }}{{ 1_000 }}', '1-2311000'],
    ['{{ 1.5 }} {{ 1e3 }} {{ 1e21 }} {{ 1e-7 }}', '1.5 1000 1e+21 1e-07'],
    ["{{ 'a' }}", '97'],
    ['{{ "\\x41\\u00e9\\n\\101" }}', 'Aé\nA'],
    ['{{ `raw \\n "text"` }}', 'raw \\n "text"'],
    ['{{ true }} {{ false }}', 'true false'],
  ])('reads %s', (text, rendered) => expect(render(text)).toBe(rendered))

  it.each<Rows[number]>([
    ['{{ if variables }}some{{ end }}', 'some'],
    ['{{ if index variables "zz" }}some{{ else }}none{{ end }}', 'none'],
    ['{{ if eq name "x" }}1{{ else if eq name "podinfo" }}2{{ else }}3{{ end }}', '2'],
    ['{{ with index variables "a" }}<{{ . }}>{{ end }}', '<1>'],
    ['{{ with index variables "zz" }}{{ . }}{{ else with name }}{{ . }}{{ end }}', 'podinfo'],
    ['{{ with $x := name }}{{ $x }}{{ end }}', 'podinfo'],
    ['{{ range variables }}{{ . }},{{ end }}', '1,2,'],
    ['{{ range $v := variables }}{{ $v }},{{ end }}', '1,2,'],
    ['{{ range index variables "zz" }}x{{ else }}nothing{{ end }}', 'nothing'],
    ['{{ range variables }}{{ . }}{{ break }}{{ end }}', '1'],
    ['{{ range variables }}{{ if eq . "1" }}{{ continue }}{{ end }}{{ . }}{{ end }}', '2'],
    ['{{ $x := name }}{{ $x }}', 'podinfo'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}', '21'],
    ['{{ (index variables "a") }}{{ (variables).b }}', '12'],
  ])('branches with %s', (text, rendered) => expect(render(text)).toBe(rendered))

  it.each<Rows[number]>([
    ['{{ and name "" "x" }}|{{ or "" "x" }}|{{ not name }}', '|x|false'],
    ['{{ and "" (index 1 2) }}|{{ or "x" (index 1 2) }}', '|x'],
    ['{{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt "b" "a" }} {{ ge 1.5 2.5 }}', 'true true true true true false'],
    ['{{ len variables }} {{ len "añb" }}', '2 4'],
    ['{{ index "abc" 1 }}', '98'],
    ['{{ slice "abcdef" 1 3 }}{{ slice "abc" 2 }}{{ slice "abc" }}', 'bccabc'],
    ['{{ print 1 2 "a" name 3 }}', '1 2apodinfo3'],
    ['{{ println name 1 }}', 'podinfo 1\n'],
    ['{{ html "<a href=\'x\'>&" }}', '&lt;a href=&#39;x&#39;&gt;&amp;'],
    ['{{ js "it\'s <b>" }}', "it\\'s \\u003Cb\\u003E"],
    ['{{ urlquery "a b&c=(d)" }}', 'a+b%26c%3D%28d%29'],
    ['{{ name | printf "%s/%s" namespace | len }}', '12'],
  ])('calls functions: %s', (text, rendered) => expect(render(text)).toBe(rendered))

  it.each<Rows[number]>([
    ['{{ printf "%d|%5d|%-5d|%05d|%+d" 42 42 42 42 42 }}', '42|   42|42   |00042|+42'],
    ['{{ printf "%s|%5s|%-5s|%.2s" "abc" "abc" "abc" "abc" }}', 'abc|  abc|abc  |ab'],
    ['{{ printf "%.2f|%8.3f|%e|%g" 1.5 1.5 1500.0 1.5 }}', '1.50|   1.500|1.500000e+03|1.5'],
    ['{{ printf "%v %v %v %v" "a" 1 true variables }}', 'a 1 true map[a:1 b:2]'],
    ['{{ printf "%q|%x|%X" "a\\"\\n" "hi" "hi" }}', '"a\\"\\n"|6869|6869'],
    ['{{ printf "%x|%o|%b|%c|%t|%%" 255 8 5 65 false }}', 'ff|10|101|A|false|%'],
    ['{{ printf "%d" name }}', '%!d(string=podinfo)'],
    ['{{ printf "%s %s" name }}', 'podinfo %!s(MISSING)'],
    ['{{ printf "x" 1 }}', 'x%!(EXTRA int=1)'],
    ['{{ printf "100%" }}', '100%!(NOVERB)'],
    ['{{ printf "%9999d" 1 }}', '%!(BADWIDTH)'],
  ])('formats %s', (text, rendered) => expect(render(text)).toBe(rendered))

  it.each<readonly [string, RegExp]>([
    ['{{ variables.zz }}', /^1:13: no entry for key "zz"$/],
    ['{{ variables.a-b }}', /^1:15: unexpected "-"$/],
    ['{{ foo }}', /^1:4: function "foo" not defined, expected one of: name, namespace/],
    ['{{ .Name }}', /^1:4: there is no data to take Name from/],
    ['x {{ name ', /^1:3: unclosed action$/],
    ['a\nb {{ nmae }}', /^2:6: function "nmae" not defined/],
    ['{{ "abc }}', /^1:4: unterminated string$/],
    ['{{ "\\z" }}', /^1:4: unexpected "\\z"$/],
    ['{{/* never closed', /^1:1: unclosed comment$/],
    ['{{ }}', /^1:1: empty action/],
    ['{{ name.x }}', /^1:8: a string has no field x$/],
    ['{{ $x }}', /^1:4: undefined variable \$x$/],
    ['{{ $x = 1 }}', /^1:4: undefined variable \$x$/],
    ['{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', /undefined variable \$x$/],
    ['{{ name "x" }}', /^1:4: wrong number of arguments for name: got 1$/],
    ['{{ "x" | name }}', /wrong number of arguments for name/],
    ['{{ not }}', /wrong number of arguments for not/],
    ['{{ name | "x" }}', /^1:11: only a function takes arguments$/],
    ['{{ eq "1" 1 }}', /^1:4: string and int cannot be compared$/],
    ['{{ eq variables variables }}', /cannot be compared$/],
    ['{{ lt true false }}', /have no order$/],
    ['{{ index variables 1 }}', /the key of a map has to be a string, got int$/],
    ['{{ index "abc" 3 }}', /index out of range: 3$/],
    ['{{ index 1 2 }}', /cannot index int$/],
    ['{{ len 1 }}', /has to be a string, got int$/],
    ['{{ printf 1 }}', /the format of printf has to be a string, got int$/],
    ['{{ range "abc" }}{{ end }}', /range needs a map, got string$/],
    ['{{ if name }}', /^1:4: if without end$/],
    ['{{ end }}', /^1:4: unexpected end$/],
    ['{{ else }}', /^1:4: unexpected else$/],
    ['{{ if name }}{{ else }}{{ else }}{{ end }}', /expected end after else$/],
    ['{{ if name }}{{ else foo }}{{ end }}', /expected if, with or nothing after else$/],
    ['{{ if name }}{{ end name }}', /unexpected words after end$/],
    ['{{ if }}{{ end }}', /^1:4: expected a value$/],
    ['{{ break }}', /break stands alone, inside a range$/],
    ['{{ define "x" }}{{ end }}', /^1:4: define is not supported$/],
    ['{{ (name }}', /^1:4: unclosed parenthesis$/],
    ['{{ name) }}', /unexpected \)$/],
    ['{{ "a""b" }}', /expected a space between words$/],
    ['{{ "x".y }}', /a constant has no field y$/],
    ['{{ name, }}', /expected a space between words$/],
    ['{{ name , }}', /unexpected ,$/],
  ])('refuses %s with its place', (text, message) => {
    expect(() => render(text)).toThrow(TemplateInvalid)
    expect(() => render(text)).toThrow(message)
  })

  it('refuses a missing variable where there are no variables at all', () =>
    expect(() => render('{{ variables.x }}', {})).toThrow('1:13: no entry for key "x"'))

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('knows nothing called %s', name => {
    expect(() => render(`{{ ${name} }}`)).toThrow(TemplateInvalid)
    expect(() => render(`{{ variables.${name} }}`)).toThrow(TemplateInvalid)
    expect(render(`{{ index variables "${name}" }}`)).toBe('')
  })

  it('puts values in as they are, neither read as a template nor escaped', () =>
    expect(render('{{ variables.x }}', { x: '{{ name }}"\\' })).toBe('{{ name }}"\\'))
})

describe('a hostile query template', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`k${at}`, 'v']))
  const loops = (depth: number) => '{{ range variables }}'.repeat(depth) + '{{ end }}'.repeat(depth)

  it('ends when it loops for ever so long', () =>
    expect(() => render(loops(4).replace('{{ end }}', '{{ name }}{{ end }}'), many)).toThrow(/longer than|steps/))

  it('ends when it loops without a word', () => {
    const body = loops(3).replace('{{ end }}', '{{ if name }}{{ end }}{{ end }}')
    expect(() => render(body, many)).toThrow(/takes more than 100000 steps$/)
  })

  it('cannot make a text grow without end', () => {
    const doubling = `{{ $x := "0123456789" }}${'{{ $x = printf "%s%s" $x $x }}'.repeat(40)}`
    expect(() => render(doubling)).toThrow(/gets longer than 65536 characters$/)
  })

  it.each(['{{ if true }}', '{{ range variables }}'])('cannot nest %s without end', open =>
    expect(() => render(open.repeat(10_000) + '{{ end }}'.repeat(10_000))).toThrow(/nested deeper than 50$/),
  )

  it('cannot nest parentheses without end', () => expect(() => render(`{{ ${'('.repeat(100_000)} }}`)).toThrow(/nested deeper than 50$/))

  it('is read in time that grows with its length', () => {
    const long = '{{/* '.concat('* '.repeat(50_000), '*/}}', 'a'.repeat(50_000))
    expect(render(long)).toHaveLength(50_000)
  })
})
