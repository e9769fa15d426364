import type { ReactNode } from 'react'

/** The three parts of the window, ready to be placed. */
export interface LayoutParts {
  readonly library: ReactNode
  readonly viewer: ReactNode
  readonly conversation: ReactNode
}
