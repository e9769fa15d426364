import { vi } from 'vitest'
import type { Conversation, Turn, TurnEvent } from '../../../app/contract/chat'
import type { AddEvent, Sample, SampleKind } from '../../../app/contract/library'
import type { ImportEvent, ModelCard } from '../../../app/contract/models'
import type { AppClient } from '../../../renderer/shared/client/app-client'
import { createAppStore, type AppState, type AppStore } from '../../../renderer/store/create-app-store'
import { conversation, item, turn } from './fixtures'

/** A stream that the test feeds. */
export class Feed<Event> implements AsyncIterable<Event> {
  private readonly events: Event[] = []
  private wake: (() => void) | null = null
  private isOver = false
  private failure: Error | null = null

  push(...events: Event[]): void {
    this.events.push(...events)
    this.wake?.()
  }

  end(failure: Error | null = null): void {
    this.isOver = true
    this.failure = failure
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void> {
    for (;;) {
      const next = this.events.shift()
      if (next !== undefined) yield next
      else if (this.failure !== null) throw this.failure
      else if (this.isOver) return
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
      }
    }
  }
}

/** The procedures that the store calls, answered by the test; what a test does not set answers with nothing special. */
export function fakeClient() {
  const follows = new Map<string, Feed<TurnEvent>>()
  const adding = new Feed<AddEvent>()
  const importing = new Feed<ImportEvent>()
  return {
    follows,
    adding,
    importing,
    chat: {
      list: vi.fn(() => Promise.resolve([] as Conversation[])),
      create: vi.fn(() => Promise.resolve(conversation())),
      get: vi.fn((input: { conversationId: string }) =>
        Promise.resolve(conversation({ id: input.conversationId })),
      ),
      saveDraft: vi.fn<(input: unknown) => Promise<void>>(() => Promise.resolve()),
      rename: vi.fn<(input: unknown) => Promise<void>>(() => Promise.resolve()),
      remove: vi.fn(() => Promise.resolve()),
      ask: vi.fn((input: Pick<Turn, 'conversationId' | 'question' | 'media'>) =>
        Promise.resolve(turn({ ...input })),
      ),
      follow: vi.fn(({ turnId }: { turnId: string }) => {
        const feed = follows.get(turnId) ?? new Feed<TurnEvent>()
        follows.set(turnId, feed)
        return Promise.resolve(feed)
      }),
      stop: vi.fn(() => Promise.resolve()),
      retry: vi.fn((input: { turnId: string }) => Promise.resolve(turn({ id: input.turnId }))),
      resume: vi.fn((input: { turnId: string }) => Promise.resolve(turn({ id: input.turnId }))),
      cost: vi.fn(() => Promise.reject(new Error('not part of this test'))),
    },
    library: {
      list: vi.fn(() => Promise.resolve([item()])),
      count: vi.fn(() => Promise.resolve({ images: 1, videos: 0, folders: 0 })),
      add: vi.fn(() => Promise.resolve(adding)),
      remove: vi.fn(() => Promise.resolve()),
      restore: vi.fn(({ id }: { id: string }) => Promise.resolve(item({ id }))),
      plannedFrames: vi.fn(() => Promise.resolve([0, 1, 2])),
      samples: vi.fn(() => Promise.resolve([] as Sample[])),
      addSample: vi.fn((input: { kind: SampleKind }) => Promise.resolve(item({ id: `${input.kind}sample` }))),
    },
    models: {
      list: vi.fn(() => Promise.resolve([])),
      importCheckpoint: vi.fn(() => Promise.resolve(importing)),
      card: vi.fn((input: { folder: string }) =>
        Promise.resolve<ModelCard>({ markdown: `# ${input.folder}` }),
      ),
    },
    settings: {
      set: vi.fn(() => Promise.reject(new Error('the disk is full'))),
    },
  }
}

export type FakeClient = ReturnType<typeof fakeClient>

/** The real store over a client that answers by hand. */
export function testStore(state: Partial<AppState> = {}): { store: AppStore; client: FakeClient } {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 0))
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
  const client = fakeClient()
  const store = createAppStore({ client: client as unknown as AppClient })
  store.setState({ connection: 'connected', ...state })
  return { store, client }
}

/** Lets everything that is ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
