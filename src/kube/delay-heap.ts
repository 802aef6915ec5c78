interface Entry {
  readonly key: string
  readonly atMs: number
}

/** Keys that come due later, each at most once: the earliest time wins. Ten thousand of them cost one timer. */
export interface DelayHeap {
  readonly size: number
  /** Due at `atMs`, or sooner when the key waits already. */
  push(key: string, atMs: number): void
  /** Keys due by now, earliest first; they leave the heap. */
  takeDue(nowMs: number): readonly string[]
  /** Takes the key out; the answer is when it was due, undefined when it did not wait. */
  remove(key: string): number | undefined
  /** When the next key is due; undefined when none waits. */
  nextAtMs(): number | undefined
}

/** A binary heap in an array: no entry is due before its parent. What a sooner time or a removal made void stays until it comes to the top. */
export const createDelayHeap = (): DelayHeap => {
  const heap: Entry[] = []
  const dueAt = new Map<string, number>()

  const at = (index: number) => heap[index]?.atMs ?? Number.POSITIVE_INFINITY
  const swap = (a: number, b: number) => {
    const [first, second] = [heap[a], heap[b]]
    if (first && second) {
      heap[a] = second
      heap[b] = first
    }
  }
  const rise = (index: number) => {
    for (let child = index, parent = (child - 1) >> 1; child > 0 && at(child) < at(parent); child = parent, parent = (child - 1) >> 1) {
      swap(child, parent)
    }
  }
  const sink = () => {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const child = at(left + 1) < at(left) ? left + 1 : left
      if (at(child) >= at(parent)) return
      swap(child, parent)
      parent = child
    }
  }
  const pop = () => {
    swap(0, heap.length - 1)
    heap.pop()
    sink()
  }
  const top = (): Entry | undefined => {
    for (let first = heap[0]; first; first = heap[0]) {
      if (dueAt.get(first.key) === first.atMs) return first
      pop()
    }
    return undefined
  }

  return {
    get size() {
      return dueAt.size
    },
    push: (key, atMs) => {
      if ((dueAt.get(key) ?? Number.POSITIVE_INFINITY) <= atMs) return
      dueAt.set(key, atMs)
      heap.push({ key, atMs })
      rise(heap.length - 1)
    },
    takeDue: nowMs => {
      const due: string[] = []
      for (let first = top(); first && first.atMs <= nowMs; first = top()) {
        due.push(first.key)
        dueAt.delete(first.key)
        pop()
      }
      return due
    },
    remove: key => {
      const atMs = dueAt.get(key)
      dueAt.delete(key)
      return atMs
    },
    nextAtMs: () => top()?.atMs,
  }
}
