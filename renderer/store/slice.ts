import type { StateCreator } from 'zustand'
import type { AppClient } from '../shared/client/app-client'
import type { AppState } from './create-app-store'

/** What slices may use of the world outside the store. */
export interface SliceContext {
  readonly client: AppClient
}

/** A feature's part of the store. Actions are verbs, labelled `feature/verb` in the devtools. */
export type SliceCreator<Slice> = (
  context: SliceContext,
) => StateCreator<AppState, [['zustand/devtools', never]], [], Slice>

/** Work that takes a while, as one value rather than three booleans. */
export type Running<Failure> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly failure: Failure }
