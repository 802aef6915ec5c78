import { dirname } from 'node:path'
import { childProcess } from '../node/child-process.ts'
import { type Images, imageCatalogue, type Program, type ProgramContext } from '../node/program.ts'
import { demoFlags } from './demo-program.ts'

/** Where the programs are that images stand for. */
export interface ProgramFiles {
  /** Node, and the scripts it runs. */
  readonly node: string
  readonly demoApp: string
  readonly serin: string
  /** Other programs by name: prometheus, contour, envoy, hey. An image whose program is not here is unknown. */
  readonly binaries: Readonly<Record<string, string>>
  /** What every process gets besides its container's own environment, such as PATH. */
  readonly env: Readonly<Record<string, string>>
}

type Words = readonly string[]

/** An image as its builder would describe it. */
interface Image {
  readonly entrypoint: Words
  /** What the program is told where the container names no command of its own. */
  argsOf(context: ProgramContext): Words
}

const isSet = (args: Words, name: string): boolean => args.some(arg => arg.replace(/^--?/, '').split('=')[0] === name.replace(/^--?/, ''))

/** The container's arguments, or those of the image, and these flags where they are not among them. */
const withFlags =
  (flagsOf: (context: ProgramContext) => Readonly<Record<string, string>>, defaultArgs: Words = []): Image['argsOf'] =>
  context => {
    const given = context.args.length > 0 ? context.args : defaultArgs
    const missing = Object.entries(flagsOf(context)).filter(([name]) => !isSet(given, name))
    return [...given, ...missing.map(([name, value]) => `${name}=${value}`)]
  }

/** As containers have it: a command of its own leaves nothing of the image's. */
const commandWords = ({ entrypoint, argsOf }: Image, context: ProgramContext): Words =>
  context.command.length > 0 ? [...context.command, ...context.args] : [...entrypoint, ...argsOf(context)]

/** Images find their programs by the last part of a path: `/bin/prometheus` is where the image had it, not where this machine does. */
const finder =
  (binaries: ProgramFiles['binaries']) =>
  (file: string): string => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    return (Object.hasOwn(binaries, name) ? binaries[name] : undefined) ?? file
  }

const programOf = (image: Image, { binaries, env }: Pick<ProgramFiles, 'binaries' | 'env'>): Program => {
  const find = finder(binaries)
  return childProcess({
    commandOf: context => {
      const [file = '', ...args] = commandWords(image, context)
      return { file: find(file), args }
    },
    find,
    baseEnv: env,
  })
}

const firstPort = ({ ports }: ProgramContext): number => ports[0]?.port ?? 9090

// Every program listens on the address of its pod: on all of them it would be in the way of the other pods, which live on the same machine.
const controllerArgs = withFlags(({ podIp }) => ({ '-host': podIp }), ['controller'])
const loadtesterArgs = withFlags(context => ({ '-host': context.podIp, '-port': String(firstPort(context)), '-log-level': 'warn' }))
const prometheusArgs = withFlags(
  context => ({ '--web.listen-address': `${context.podIp}:${firstPort(context)}` }),
  ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
)
const asGiven = withFlags(() => ({}))

/** Images of programs that this machine may have, by repository. */
const foreign: Readonly<Record<string, Image>> = {
  'prom/prometheus': { entrypoint: ['prometheus'], argsOf: prometheusArgs },
  'projectcontour/contour': { entrypoint: ['contour'], argsOf: asGiven },
  'envoyproxy/envoy': { entrypoint: ['envoy'], argsOf: asGiven },
}

/** The one table of image names, whoever runs the node: the sandbox or a cluster under test. */
export const imageTable = (files: ProgramFiles): Images => {
  const { node, demoApp, serin, binaries, env } = files
  const path = [...new Set(Object.values(binaries).map(dirname)), env['PATH'] ?? ''].filter(Boolean).join(':')
  const parts = { binaries, env: { ...env, PATH: path } }
  const isHere = ([, { entrypoint }]: [string, Image]) => entrypoint.every(name => Object.hasOwn(binaries, name))
  const own: Readonly<Record<string, Image>> = {
    'serin-demo': { entrypoint: [node, demoApp], argsOf: demoFlags },
    serin: { entrypoint: [node, serin], argsOf: controllerArgs },
    'serin-loadtester': { entrypoint: [node, serin, 'loadtester'], argsOf: loadtesterArgs },
  }
  const images = { ...own, ...Object.fromEntries(Object.entries(foreign).filter(isHere)) }
  return imageCatalogue(Object.fromEntries(Object.entries(images).map(([name, image]) => [name, programOf(image, parts)])))
}
