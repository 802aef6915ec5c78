import { createHash } from 'node:crypto'

/** Programs that are built together, from one module of this folder. One module for each, because their dependencies disagree. */
export interface GoTool {
  /** Folder of the module, beside this file. */
  readonly folder: string
  /** Package to build, by the name of the program. */
  readonly programs: Readonly<Record<string, string>>
  /** Module whose version the programs should say is theirs: by themselves they would say v0.0.0. */
  readonly stampedWith?: string
  /** Nothing runs without these; without the others some tests are skipped. */
  readonly required: boolean
}

export const goTools: readonly GoTool[] = [
  {
    folder: 'kubernetes',
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    stampedWith: 'k8s.io/kubernetes',
    required: true,
  },
  { folder: 'etcd', programs: { etcd: 'go.etcd.io/etcd/server/v3' }, required: true },
  { folder: 'helm', programs: { helm: 'helm.sh/helm/v4/cmd/helm' }, required: false },
  { folder: 'contour', programs: { contour: 'github.com/projectcontour/contour/cmd/contour' }, required: false },
  { folder: 'kwok', programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' }, required: false },
]

/** What is built, and for which machine: the same text always gives the same programs. */
export interface Recipe {
  readonly tool: GoTool
  readonly goMod: string
  readonly goSum: string
  /** Operating system and processor, as Node calls them. */
  readonly machine: string
}

/** @throws {Error} the module does not require it */
export const requiredVersion = (goMod: string, module: string): string => {
  const words = goMod.split('\n').map(line =>
    line
      .replace(/^\s*require\s/, '')
      .trim()
      .split(/\s+/),
  )
  const version = words.find(([name, version]) => name === module && version?.startsWith('v'))?.[1]
  if (version === undefined) throw new Error(`expected go.mod to require ${module}, got no such line`)
  return version
}

const stamp = (version: string): string => {
  const [major = '', minor = ''] = version.replace('v', '').split('.')
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor }
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ')
}

const linkerFlags = ({ tool, goMod }: Recipe): string =>
  ['-s -w', ...(tool.stampedWith ? [stamp(requiredVersion(goMod, tool.stampedWith))] : [])].join(' ')

/** Arguments of `go`, run in the module's folder, that put the programs into `output`. */
export const buildArguments = (recipe: Recipe, output: string): string[] => {
  const [[name = '', path = ''] = [], ...others] = Object.entries(recipe.tool.programs)
  // Several packages need a folder to go to and keep their own names; one takes any name, and etcd's own would be `server`.
  const target = others.length === 0 ? `${output}/${name}` : `${output}/`
  return ['build', '-buildvcs=false', '-ldflags', linkerFlags(recipe), '-o', target, path, ...others.map(([, other]) => other)]
}

/** Name of the folder in the cache: another one as soon as anything that goes into the programs differs. */
export const cacheName = (recipe: Recipe): string => {
  const parts = [recipe.goMod, recipe.goSum, recipe.machine, ...buildArguments(recipe, '')]
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${recipe.tool.folder}-${hash.slice(0, 16)}`
}
