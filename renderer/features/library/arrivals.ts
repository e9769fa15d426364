import type { KeptFailure } from '../../../app/contract/error-map'
import type { AddEvent, LibraryItem } from '../../../app/contract/library'

export interface RefusedFile {
  readonly path: string
  readonly failure: KeptFailure
}

/** Often enough to be seen growing; each time draws the list anew. */
const SHOW_EVERY_MS = 100

/** What adding brings, in the order in which it came: the first at once, then what came meanwhile, all together. */
export class Arrivals {
  private readonly show: (items: readonly LibraryItem[], refused: readonly RefusedFile[]) => void
  private items: LibraryItem[] = []
  private refused: RefusedFile[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(show: (items: readonly LibraryItem[], refused: readonly RefusedFile[]) => void) {
    this.show = show
  }

  take(event: AddEvent): void {
    if (event.kind === 'counted') return
    if (event.kind === 'added') this.items.push(event.item)
    else this.refused.push({ path: event.path, failure: event.failure })
    if (this.timer !== undefined) return
    this.showAll()
    this.wait()
  }

  /** Shows the rest: nothing more comes. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.showAll()
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined
      if (this.items.length === 0 && this.refused.length === 0) return
      this.showAll()
      this.wait()
    }, SHOW_EVERY_MS)
  }

  private showAll(): void {
    const { items, refused } = this
    if (items.length === 0 && refused.length === 0) return
    this.items = []
    this.refused = []
    this.show(items, refused)
  }
}
