import type { Connection } from '../shared/client/app-client'
import type { AppStore } from '../store/create-app-store'

/** Keeps the store a mirror of the services for as long as the window lives. */
export function keepInSync(connection: Connection, store: AppStore): () => void {
  let current: AbortController | null = null
  return connection.watch((state) => {
    store.getState().setConnection(state)
    current?.abort()
    current = null
    if (state !== 'connected') return
    current = new AbortController()
    void followChanges(connection, store, current.signal)
  })
}

async function followChanges({ client }: Connection, store: AppStore, signal: AbortSignal): Promise<void> {
  try {
    // Subscribe before asking for the state: a change between the two would be lost.
    const changes = await client.status.changes(undefined, { signal })
    await loadEverything(store)
    for await (const change of changes) {
      const state = store.getState()
      switch (change.kind) {
        case 'library':
          await state.loadLibrary()
          break
        case 'conversations':
          await state.loadConversations()
          break
        case 'conversation':
          if (state.conversation?.id === change.conversationId) await state.refreshConversation()
          break
        case 'models':
          await state.loadModels()
          break
        case 'settings':
          await state.loadSettings()
          break
        case 'engine':
          state.showEngineStatus(change.status)
          break
      }
    }
  } catch (thrown) {
    // A broken connection ends the stream; the next one starts it again.
    if (!signal.aborted) console.warn('following changes ended', thrown)
  }
}

async function loadEverything(store: AppStore): Promise<void> {
  const state = store.getState()
  await Promise.all([
    state.loadLibrary(),
    state.loadConversations(),
    state.loadSettings(),
    state.loadModels(),
    state.loadEngineStatus(),
  ])
  const { conversation, openConversation, openItemId, items, openItem } = store.getState()
  await openConversation(conversation?.id)
  if (openItemId === null) openItem(items[0]?.id ?? null)
}
