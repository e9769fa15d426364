/** Two neighbouring symbols that would make a piece. `size` is the length of both, to notice a stale candidate. */
export interface MergeCandidate {
  readonly left: number
  readonly right: number
  readonly size: number
  readonly score: number
}

/** A binary heap of merges: highest score first, among equals the leftmost. */
export class MergeQueue {
  private readonly heap: MergeCandidate[] = []

  push(candidate: MergeCandidate): void {
    let at = this.heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.heap[parent]
      if (above === undefined || !goesFirst(candidate, above)) break
      this.heap[at] = above
      at = parent
    }
    this.heap[at] = candidate
  }

  pop(): MergeCandidate | undefined {
    const top = this.heap[0]
    const last = this.heap.pop()
    if (last !== undefined && this.heap.length > 0) this.sink(last)
    return top
  }

  private sink(moved: MergeCandidate): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      let below = this.heap[child]
      if (below === undefined) break
      const other = this.heap[child + 1]
      if (other !== undefined && goesFirst(other, below)) {
        child += 1
        below = other
      }
      if (!goesFirst(below, moved)) break
      this.heap[at] = below
      at = child
    }
    this.heap[at] = moved
  }
}

function goesFirst(a: MergeCandidate, b: MergeCandidate): boolean {
  return a.score !== b.score ? a.score > b.score : a.left < b.left
}
