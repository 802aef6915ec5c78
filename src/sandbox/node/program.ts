import type { Clock } from '../../clock.ts'
import type { Logger } from '../../io.ts'

/** A port that the container declares, and the one on the pod's address where it should really listen. They differ only where the system cannot give the first. */
export interface ProgramPort {
  readonly name: string
  readonly containerPort: number
  readonly port: number
}

/** A program file, or a name to be found on PATH, and what it is told. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** Everything a container's program gets from its pod. */
export interface ProgramContext {
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly namespace: string
  readonly podName: string
  /** The address that is this pod's own. */
  readonly podIp: string
  readonly ports: readonly ProgramPort[]
  /** Where each mount path of the container really is. */
  readonly mounts: ReadonlyMap<string, string>
  /**
   * The command that runs another one where the container's mounts are at their own paths. Absent: programs share the machine's file system, and
   * mount paths in `command`, `args` and `env` have been replaced by the real ones.
   */
  readonly inside?: (command: Command) => Command
  readonly clock: Clock
  /** Knows whose lines it writes: the pod's, the container's. */
  readonly log: Logger
}

export interface ProgramExit {
  readonly exitCode: number
  /** Last words, for people. */
  readonly message?: string
}

export interface CommandResult {
  readonly exitCode: number
  readonly output: string
}

export interface RunningProgram {
  /** Resolves when the program has ended and its sockets are closed; never rejects. */
  readonly exited: Promise<ProgramExit>
  /** Asks it to end in good order (SIGTERM). Harmless when it has. */
  terminate(): void
  /** Ends it at once (SIGKILL). */
  kill(): void
  /** Runs a command as if inside the container, for probes and hooks that ask for one. Absent: it knows no commands. */
  readonly exec?: (command: readonly string[], signal: AbortSignal) => Promise<CommandResult>
  /** Its processes, as the system groups them: what it uses is counted by them. Absent: it has no process of its own. */
  readonly processGroup?: number
}

/** What an image name stands for. */
export interface Program {
  /** @throws {Error} it cannot even be started; the message tells people why */
  start(context: ProgramContext): RunningProgram
}

/** Finds the program of an image, or undefined when there is none: then the pod says ErrImagePull. */
export type Images = (image: string) => Program | undefined

/** Name of an image without registry host, tag and digest: `ghcr.io/stefanprodan/podinfo:6.0.0` is `stefanprodan/podinfo`. */
export const repositoryOf = (image: string): string => {
  const [path = ''] = image.split('@')
  const untagged = path.replace(/:[^/:]*$/, '')
  const [first = '', ...rest] = untagged.split('/')
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost')
  return isHost ? rest.join('/') : untagged
}

/** Images by repository name; the tag and the registry are the program's business, not the catalogue's. */
export const imageCatalogue =
  (programs: Readonly<Record<string, Program>>): Images =>
  image => {
    const repository = repositoryOf(image)
    return Object.hasOwn(programs, repository) ? programs[repository] : undefined
  }
