import type { Payload } from './payload.ts'

/** `approval` answers the confirm hooks of a canary, `rollback` its rollback hooks. */
export type GateKind = 'approval' | 'rollback'

/** Gates of canaries, all closed at first. They stay as they were set until the process ends: a successful check uses none up. */
export class Gates {
  readonly #open = new Set<string>()

  isOpen(kind: GateKind, canary: Payload): boolean {
    return this.#open.has(keyOf(kind, canary))
  }

  open(kind: GateKind, canary: Payload): void {
    this.#open.add(keyOf(kind, canary))
  }

  close(kind: GateKind, canary: Payload): void {
    this.#open.delete(keyOf(kind, canary))
  }
}

/** A slash is in no Kubernetes name, so that no canary's name can reach another one's gate. */
const keyOf = (kind: GateKind, { name, namespace }: Payload): string => `${kind}/${namespace}/${name}`
