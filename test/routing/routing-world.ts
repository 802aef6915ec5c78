import { isDeepStrictEqual } from 'node:util'
import type { KindRef, KubeObject, Manifest, ObjectKey } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { applied } from '../support/fake-merge.ts'

type Kinded = Pick<KubeObject, 'apiVersion' | 'kind'>

const idOf = ({ apiVersion, kind }: Kinded, { namespace, name }: ObjectKey): string => `${apiVersion}/${kind}/${namespace}/${name}`
const idOfObject = (object: KubeObject): string => idOf(object, { namespace: object.metadata.namespace ?? '', name: object.metadata.name })

/** The cluster as routers see it, with memory: applies manifests as the API server would, counts what changed, and freezes what it holds. */
export class RoutingWorld implements Live {
  readonly #objects = new Map<string, KubeObject>()
  /** What was applied last, so that fields which are no longer wanted go. */
  readonly #wanted = new Map<string, Manifest>()

  constructor(objects: readonly KubeObject[] = []) {
    for (const object of objects) this.put(object)
  }

  get(kind: KindRef, key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(idOf(kind, key))
  }

  list(kind: KindRef, namespace: string): readonly KubeObject[] {
    return this.all().filter(object => object.kind === kind.kind && object.metadata.namespace === namespace)
  }

  all(): readonly KubeObject[] {
    return [...this.#objects.values()]
  }

  /** What somebody else writes. */
  put(object: KubeObject): void {
    this.#store(object)
  }

  delete(object: KubeObject): void {
    this.#objects.delete(idOfObject(object))
    this.#wanted.delete(idOfObject(object))
  }

  /** Server-side apply of each; answers with how many objects changed. */
  apply(manifests: readonly Manifest[]): number {
    return manifests.filter(manifest => this.#applyOne(manifest)).length
  }

  #applyOne(manifest: Manifest): boolean {
    const id = idOfObject(manifest)
    const live = this.#objects.get(id)
    const merged = applied(live ?? {}, this.#wanted.get(id) ?? {}, manifest) as KubeObject
    this.#wanted.set(id, manifest)
    return this.#store(merged)
  }

  #store(object: KubeObject): boolean {
    const before = this.#objects.get(idOfObject(object))
    if (before && isDeepStrictEqual(before, object)) return false
    const generation = before?.metadata.generation ?? 0
    const moved = isDeepStrictEqual(before?.['spec'], object['spec']) ? generation : generation + 1
    this.#objects.set(idOfObject(object), deepFreeze(structuredClone({ ...object, metadata: { ...object.metadata, generation: moved } })))
    return true
  }
}
