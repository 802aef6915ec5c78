import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canHaveOwnRoot, inOwnRoot } from '../../src/sandbox/node/own-root.ts'

const possible = await canHaveOwnRoot()

const run = async (mounts: Readonly<Record<string, string>>, script: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'serin-own-root-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [root, data] = [join(folder, 'root'), join(folder, 'da ta')]
  await Promise.all([mkdir(root), mkdir(data)])
  await writeFile(join(data, 'color'), 'blue\n')
  const here = Object.entries(mounts).map(([path, name]) => [path, join(data, name)] as const)
  const view = { root, mounts: new Map(here), hostname: 'pod-1', workingDirectory: '/usr' }
  const { file, args } = inOwnRoot(view, { file: 'sh', args: ['-c', script] })
  const { stdout } = await promisify(execFile)(file, [...args])
  return { said: stdout.trim(), left: await readdir(root) }
}

// Linux only, and not where a container forbids mounts.
describe.skipIf(!possible)('a program with a root of its own', () => {
  it('finds a mount where the machine has no such path', async () => {
    const { said } = await run({ '/var/run/serin-test/deep': '' }, 'cat /var/run/serin-test/deep/color')
    expect(said).toBe('blue')
  })

  it('finds a file in place of the one of the machine', async () => {
    const { said } = await run({ '/etc/resolv.conf': 'color' }, 'cat /etc/resolv.conf')
    expect(said).toBe('blue')
  })

  it('writes to its mounts', async () => {
    const { said } = await run({ '/serin-data': '' }, 'echo red > /serin-data/other; cat /serin-data/other')
    expect(said).toBe('red')
  })

  it('still finds the programs and devices of the machine', async () => {
    const { said } = await run({ '/etc/serin-test': '' }, 'pwd; ls /etc/passwd /dev/null /proc/self/status')
    expect(said.split('\n')).toEqual(['/usr', '/dev/null', '/etc/passwd', '/proc/self/status'])
  })

  it('is called as its pod', async () => {
    const { said } = await run({}, 'uname -n')
    expect(said).toBe('pod-1')
  })

  it('leaves nothing behind', async () => {
    const { left } = await run({ '/var/run/serin-test/deep': '', '/serin-data': '' }, 'true')
    expect([left, existsSync('/serin-data'), existsSync('/run/serin-test')]).toEqual([[], false, false])
  })
})
