/** Distance from the end, pixels, that still counts as being there. */
const NEAR = 24

type Scrolled = Pick<HTMLElement, 'scrollTop' | 'scrollHeight' | 'clientHeight'>

/** Keeps an element that scrolls at its end for as long as the person is there, and in its place while they are not. */
export class EndKeeper {
  private readonly element: Scrolled
  private lastTop: number
  private isKept = true
  private wasHidden = false

  constructor(element: Scrolled) {
    this.element = element
    this.lastTop = element.scrollTop
  }

  /** Whether it stays at the end as it grows. */
  get isSticking(): boolean {
    return this.isKept
  }

  goToEnd(): void {
    this.isKept = true
    this.element.scrollTop = this.element.scrollHeight
  }

  /** To be called when it was scrolled or changed its size. `isHandMoving`: the person scrolls it just now. */
  look(isHandMoving: boolean): void {
    const { element } = this
    // Hidden (another tab, a closed side) it has no size, which says nothing about where the person is.
    if (element.clientHeight === 0) {
      this.wasHidden = true
      return
    }
    if (this.wasHidden && !this.isKept) element.scrollTop = this.lastTop
    const top = element.scrollTop
    const isNear = element.scrollHeight - top - element.clientHeight < NEAR
    // Scrolling up by hand ends it. What moves by itself (turns that take their real height when they come into
    // sight, a resized window) is followed.
    if (isNear) this.isKept = true
    else if (top < this.lastTop && isHandMoving && !this.wasHidden) this.isKept = false
    else if (this.isKept) element.scrollTop = element.scrollHeight
    this.wasHidden = false
    this.lastTop = element.scrollTop
  }
}
