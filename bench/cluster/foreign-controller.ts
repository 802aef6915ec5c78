import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Controller } from '../passes/controller.ts'
import type { Reading } from '../probe.ts'

/* A controller of which nothing is known but that it is a process: what it costs is read from /proc. */

const ticksPerSecond = 100
const pageBytes = 4096

interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  readonly cpuMs: number
  readonly rssBytes: number
}

/** Source: proc(5), `/proc/pid/stat`; the name in it may hold spaces and brackets. */
export const factsOf = (pid: number, stat: string): ProcessFacts => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const at = (field: number) => Number(fields[field - 3]) // the first that is left is the third
  return { pid, parent: at(4), cpuMs: ((at(14) + at(15)) * 1000) / ticksPerSecond, rssBytes: at(24) * pageBytes }
}

const allProcesses = (): readonly ProcessFacts[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        return [factsOf(Number(name), readFileSync(`/proc/${name}/stat`, 'utf8'))]
      } catch {
        return [] // it ended in this moment
      }
    })

/** A process and all that it started. */
const familyOf = (pid: number, all: readonly ProcessFacts[]): readonly ProcessFacts[] => {
  const own = all.filter(one => one.pid === pid)
  return [...own, ...all.filter(one => one.parent === pid).flatMap(one => familyOf(one.pid, all))]
}

const read = (child: ChildProcess, startedMs: number): Reading => {
  const family = familyOf(child.pid ?? 0, allProcesses())
  if (family.length === 0) throw new Error(`the controller has ended with code ${child.exitCode}`)
  const rssBytes = family.reduce((sum, one) => sum + one.rssBytes, 0)
  const cpuMs = family.reduce((sum, one) => sum + one.cpuMs, 0)
  const unknown = { stallMaxMs: Number.NaN, stallMaxCpuMs: Number.NaN, heapBytes: Number.NaN }
  return { ...unknown, cpuMs, rssBytes, maxRssBytes: rssBytes, ageMs: performance.now() - startedMs }
}

const graceMs = 10_000

const end = async (child: ChildProcess): Promise<number> => {
  const sinceMs = performance.now()
  if (child.exitCode !== null || child.signalCode !== null) return 0
  const ended = new Promise(resolve => child.once('exit', resolve))
  const signal = (name: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, name)
  signal('SIGTERM')
  const force = setTimeout(signal, graceMs, 'SIGKILL')
  await ended
  clearTimeout(force)
  return performance.now() - sinceMs
}

/** Starts a command in a shell, in a process group of its own. It has no figures of its own to be asked for. */
export const startForeign = (command: string, env: NodeJS.ProcessEnv): Controller => {
  const startedMs = performance.now()
  const child = spawn('sh', ['-c', command], { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  const ask = async () => read(child, startedMs)
  const now = async () => performance.now() - startedMs
  return {
    child: { ask, ageMs: () => performance.now() - startedMs, stop: () => end(child) },
    scrape: async () => new Map(),
    untilServing: now,
    untilReady: now,
    untilPasses: now,
  }
}
