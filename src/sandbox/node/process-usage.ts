import { readdir, readFile } from 'node:fs/promises'

/** What processes have used so far, and hold now. */
export interface Usage {
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

/** Both are so on every Linux that Node runs on. */
const ticksPerSecond = 100
const pageBytes = 4096

/** Positions behind the name in /proc/PID/stat, see proc(5). The name may hold anything, so they are counted from its closing bracket. */
const at = { group: 2, userTicks: 11, systemTicks: 12, childrenUserTicks: 13, childrenSystemTicks: 14, residentPages: 21 } as const

/** Process group and use of one process, as its `stat` file says. What children used that have ended counts for it. */
export const readStat = (text: string): Usage & { readonly group: number } => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (name: keyof typeof at): number => Number(fields[at[name]] ?? 0)
  const ticks = number('userTicks') + number('systemTicks') + number('childrenUserTicks') + number('childrenSystemTicks')
  return { group: number('group'), cpuSeconds: ticks / ticksPerSecond, memoryBytes: number('residentPages') * pageBytes }
}

const readOne = async (pid: string): Promise<(Usage & { readonly group: number }) | undefined> => {
  try {
    return readStat(await readFile(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined // it has just ended
  }
}

/** Use by process group of everything that runs on this machine; empty where the system has no /proc. */
export const usageByGroup = async (): Promise<ReadonlyMap<number, Usage>> => {
  const entries = await readdir('/proc').catch((): string[] => [])
  const found = await Promise.all(entries.filter(name => /^\d+$/.test(name)).map(readOne))
  const groups = new Map<number, Usage>()
  for (const { group, cpuSeconds, memoryBytes } of found.filter(one => one !== undefined)) {
    const sum = groups.get(group) ?? { cpuSeconds: 0, memoryBytes: 0 }
    groups.set(group, { cpuSeconds: sum.cpuSeconds + cpuSeconds, memoryBytes: sum.memoryBytes + memoryBytes })
  }
  return groups
}
