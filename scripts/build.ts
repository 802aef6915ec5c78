import { chmod, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type Message, type Plugin } from 'esbuild'
import { thirdPartyNotices } from './third-party-notices.ts'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Bundled CommonJS packages ask for Node's own modules by `require`, which ES modules do not have. */
const requireBanner = `import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);`

const sandboxMessage = 'The sandbox runs from a clone of the repository: npm ci && npm run sandbox'

/** The sandbox starts programs from their source files and has no business in a cluster: the bundle says where it is. */
const withoutSandbox: Plugin = {
  name: 'without-sandbox',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/run-sandbox\.ts$/ }, () => ({
      contents: `export const runSandbox = async () => { console.error(${JSON.stringify(sandboxMessage)}); return 2 }`,
      loader: 'js',
    }))
  },
}

const client = '/@kubernetes/client-node/'
const again = Symbol('resolved by the plugin itself')

/**
 * The client of the Kubernetes project loads a class for every kind there is, and programs for exec, copies and watches. We read kubeconfigs
 * with it. None of its modules does anything when it is loaded but declare, so those that nobody asks for are left out.
 */
const withoutUnusedClient: Plugin = {
  name: 'without-unused-client',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...place }) => {
      const isClients = place.importer.includes(client) || path === '@kubernetes/client-node'
      if (pluginData === again || !isClients) return undefined
      const { importer, namespace, resolveDir, kind, with: attributes } = place
      const found = await resolve(path, { importer, namespace, resolveDir, kind, with: attributes, pluginData: again })
      return found.path.includes(client) ? { ...found, sideEffects: false } : found
    })
  },
}

const where = ({ location, text }: Message): string => `${location ? `${location.file}:${location.line}: ` : ''}${text}`

await rm(dist, { recursive: true, force: true })
const { warnings, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { serin: 'src/main.ts' },
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Each program is a file of its own, so that the controller holds nothing of the others in memory.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: requireBanner },
  sourcemap: true,
  sourcesContent: false,
  // Whitespace and comments stay in memory as long as the process runs, twice as large where one character is beyond Latin-1: 5 of 118 MB.
  // Names are kept, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none', // all licences are in NOTICES.txt, with those that no comment mentions
  metafile: true,
  plugins: [withoutSandbox, withoutUnusedClient],
})
await writeFile(join(dist, 'package.json'), '{ "type": "module" }\n')
await writeFile(join(dist, 'NOTICES.txt'), thirdPartyNotices(Object.keys(metafile.inputs)))
await chmod(join(dist, 'serin.js'), 0o755)

const bytes = Object.entries(metafile.outputs).reduce((sum, [path, output]) => sum + (path.endsWith('.js') ? output.bytes : 0), 0)
console.log(`dist/serin.js and its chunks: ${Math.round(bytes / 1024)} kB`)
for (const warning of warnings) console.error(where(warning))
// A warning of a bundler is a fault that shows at run time only: a missing export, a require that cannot work.
if (warnings.length > 0) process.exitCode = 1
