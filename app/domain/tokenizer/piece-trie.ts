interface TrieNode {
  readonly next: Map<number, TrieNode>
  id: number
}

function emptyNode(): TrieNode {
  return { next: new Map(), id: -1 }
}

/** Pieces by their UTF-16 code units, to find all pieces that begin at a place of a text. */
export class PieceTrie {
  private readonly root = emptyNode()

  /** Adds a piece; an empty one is ignored, of equal ones the first is kept. */
  add(piece: string, id: number): void {
    if (piece === '') return
    let node = this.root
    for (let i = 0; i < piece.length; i += 1) {
      const unit = piece.charCodeAt(i)
      let child = node.next.get(unit)
      if (child === undefined) {
        child = emptyNode()
        node.next.set(unit, child)
      }
      node = child
    }
    if (node.id === -1) node.id = id
  }

  /** Calls `found(id, end)` for each piece that begins at `start`, shortest first. */
  forEachAt(text: string, start: number, found: (id: number, end: number) => void): void {
    let node = this.root
    for (let i = start; i < text.length; i += 1) {
      const child = node.next.get(text.charCodeAt(i))
      if (child === undefined) return
      node = child
      if (node.id !== -1) found(node.id, i + 1)
    }
  }

  /** End of the longest piece that begins at `start`, or `start` when none does. */
  longestEnd(text: string, start: number): number {
    let longest = start
    this.forEachAt(text, start, (_, end) => {
      longest = end
    })
    return longest
  }
}
