import { createContext, use, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { MediaUrls } from '../shared/client/media-url'
import type { AppState, AppStore } from './create-app-store'

interface AppContextValue {
  readonly store: AppStore
  readonly mediaUrls: MediaUrls
}

const AppContext = createContext<AppContextValue | null>(null)

export function AppProvider(props: AppContextValue & { readonly children: ReactNode }) {
  const { store, mediaUrls, children } = props
  return <AppContext value={{ store, mediaUrls }}>{children}</AppContext>
}

function useAppContext(): AppContextValue {
  const value = use(AppContext)
  if (value === null) throw new Error('expected an AppProvider above this component')
  return value
}

/** One value of the store; components that use it draw again when it changes. */
export function useApp<Value>(selector: (state: AppState) => Value): Value {
  return useStore(useAppContext().store, selector)
}

/** The store itself, for handlers that read at the moment of a click. */
export function useAppStore(): AppStore {
  return useAppContext().store
}

export function useMediaUrls(): MediaUrls {
  return useAppContext().mediaUrls
}
