import type { Change } from '../../app/contract/status'
import { rememberedItem } from '../features/viewer'
import type { Connection } from '../shared/client/app-client'
import type { AppStore } from '../store/create-app-store'
import { Coalesced } from './coalesced'

/** Adding single files tells of the library many times a second, and this window is told of each by itself. */
const ADDING_MS = 3000
const LIBRARY_MS = 250
const OTHERS_MS = 40

/** Keeps the store a mirror of the services for as long as the window lives. */
export function keepInSync(connection: Connection, store: AppStore): () => void {
  let current: AbortController | null = null
  const onLeave = () => {
    void store.getState().flushDraft()
  }
  window.addEventListener('pagehide', onLeave)
  const unwatch = connection.watch((state) => {
    store.getState().setConnection(state)
    current?.abort()
    current = null
    if (state !== 'connected') return
    current = new AbortController()
    void followChanges(connection, store, current.signal)
  })
  return () => {
    window.removeEventListener('pagehide', onLeave)
    unwatch()
    current?.abort()
  }
}

const soon = () => OTHERS_MS

type Reload = Exclude<Change['kind'], 'engine'>

function reloads(store: AppStore): Record<Reload, Coalesced> {
  const state = () => store.getState()
  return {
    library: new Coalesced(
      () => state().loadLibrary(),
      () => (state().adding === null ? LIBRARY_MS : ADDING_MS),
    ),
    conversations: new Coalesced(() => state().loadConversations(), soon),
    conversation: new Coalesced(() => state().refreshConversation(), soon),
    // Which frames the model is given follows from both.
    models: new Coalesced(async () => {
      await Promise.all([state().loadModels(), state().loadPlannedFrames()])
    }, soon),
    settings: new Coalesced(async () => {
      await Promise.all([state().loadSettings(), state().loadPlannedFrames()])
    }, soon),
  }
}

async function followChanges({ client }: Connection, store: AppStore, signal: AbortSignal): Promise<void> {
  const wanted = reloads(store)
  try {
    // Subscribe before asking for the state: a change between the two would be lost.
    const changes = await client.status.changes(undefined, { signal })
    await loadEverything(store)
    for await (const change of changes) {
      if (change.kind === 'engine') store.getState().showEngineStatus(change.status)
      else if (change.kind !== 'conversation') wanted[change.kind].request()
      else if (change.conversationId === store.getState().conversation?.id) wanted.conversation.request()
    }
  } catch (thrown) {
    // A broken connection ends the stream; the next one starts it again.
    if (!signal.aborted) console.warn('following changes ended', thrown)
  } finally {
    for (const reload of Object.values(wanted)) reload.cancel()
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
  const { conversation, openConversation, refreshConversation, openItemId, items, openItem } =
    store.getState()
  if (openItemId === null) {
    const last = rememberedItem()
    openItem((items.find(({ id }) => id === last) ?? items[0])?.id ?? null)
  }
  // After a broken connection: what is being written here is newer than the saved draft.
  if (conversation === null) await openConversation()
  else await refreshConversation()
}
