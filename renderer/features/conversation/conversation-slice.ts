import type { Conversation, ConversationSummary, Progress, Turn } from '../../../app/contract/chat'
import type { KeptFailure } from '../../../app/contract/error-map'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'
import type { StageProgress } from './progress-words'
import { TurnFollower } from './turn-follower'
import { isOpen, mergeConversation, withTurn } from './turn-list'

export interface ConversationSlice {
  readonly conversations: readonly ConversationSummary[]
  readonly conversation: Conversation | null
  /** How far each stage is of turns that have no text yet, by turn id. */
  readonly progress: Readonly<Record<string, StageProgress>>
  readonly conversationFailure: KeptFailure | null
  /** Does again what `conversationFailure` tells of. */
  readonly conversationRetry: (() => Promise<void>) | null
  readonly removedConversation: ConversationSummary | null
  loadConversations(): Promise<void>
  /** Opens a conversation, the latest one when none is named. */
  openConversation(id?: string): Promise<void>
  /** Takes over what other windows changed; the draft being written here stays. */
  refreshConversation(): Promise<void>
  /** The open conversation; a first one is made when there is none. */
  ensureConversation(): Promise<Conversation>
  newConversation(): Promise<void>
  renameConversation(id: string, title: string): Promise<void>
  removeConversation(id: string): Promise<void>
  undoRemoveConversation(): Promise<void>
  /** Shows a turn that was just asked and follows its answer. */
  beginTurn(turn: Turn): void
  stop(): Promise<void>
  retry(turnId: string, question?: string): Promise<void>
  resume(turnId: string): Promise<void>
  failConversation(thrown: unknown, retry: () => Promise<void>): void
  retryConversation(): Promise<void>
  dismissConversationFailure(): void
}

const noFailure = { conversationFailure: null, conversationRetry: null }

export const createConversationSlice: SliceCreator<ConversationSlice> =
  ({ client }) =>
  (set, get) => {
    let making: Promise<Conversation> | null = null
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work()
      } catch (thrown) {
        get().failConversation(thrown, () => attempt(work))
      }
    }
    const follower = new TurnFollower(client, {
      showTurn: (turn) => {
        const { conversation, progress } = get()
        if (conversation?.id !== turn.conversationId) return
        const keepProgress = turn.status === 'reading' || turn.status === 'waiting'
        set(
          {
            conversation: withTurn(conversation, turn),
            progress: keepProgress ? progress : without(progress, turn.id),
          },
          false,
          'conversation/turn',
        )
      },
      showProgress: (turnId, step: Progress) => {
        const { progress } = get()
        const stages = { ...progress[turnId], [step.stage]: step }
        set({ progress: { ...progress, [turnId]: stages } }, false, 'conversation/progress')
      },
      appendText: (turnId, text) => {
        const { conversation } = get()
        const turn = conversation?.items.find(({ id }) => id === turnId)
        if (!conversation || turn === undefined) return
        const longer: Turn = { ...turn, status: 'streaming', answer: turn.answer + text }
        set({ conversation: withTurn(conversation, longer) }, false, 'conversation/text')
      },
      fail: (thrown) => {
        get().failConversation(thrown, () => get().refreshConversation())
      },
    })
    const show = (conversation: Conversation) => {
      set({ conversation, progress: {} }, false, 'conversation/show')
      get().showDraft(conversation.draft)
      follower.followOnly(conversation.items.filter(isOpen))
    }
    /** Before another conversation is shown. What failed in this one does not belong there; its draft is saved. */
    const leave = async () => {
      get().dismissConversationFailure()
      await get().flushDraft()
    }
    return {
      conversations: [],
      conversation: null,
      progress: {},
      ...noFailure,
      removedConversation: null,
      loadConversations: () =>
        attempt(async () => {
          set({ conversations: await client.chat.list() }, false, 'conversation/list')
        }),
      openConversation: (id) =>
        attempt(async () => {
          const wanted = id ?? get().conversations[0]?.id
          if (wanted === undefined) return
          await leave()
          show(await client.chat.get({ conversationId: wanted }))
        }),
      refreshConversation: () =>
        attempt(async () => {
          const open = get().conversation
          if (open === null) return
          const read = await client.chat.get({ conversationId: open.id })
          const before = get().conversation
          if (before?.id !== open.id) return
          const conversation = mergeConversation(before, read, (id) => follower.isFollowing(id))
          set({ conversation }, false, 'conversation/refresh')
          for (const turn of conversation.items.filter(isOpen)) follower.follow(turn)
        }),
      ensureConversation: async () => {
        const open = get().conversation
        if (open !== null) return open
        making ??= client.chat.create().finally(() => {
          making = null
        })
        const made = await making
        if (get().conversation === null) set({ conversation: made }, false, 'conversation/create')
        return get().conversation ?? made
      },
      newConversation: () =>
        attempt(async () => {
          // One that nothing was asked in is as good as a new one.
          if (get().conversation?.items.length === 0) return
          await leave()
          show(await client.chat.create())
          await get().loadConversations()
        }),
      renameConversation: (id, title) =>
        attempt(async () => {
          await client.chat.rename({ conversationId: id, title })
          const { conversation } = get()
          if (conversation?.id === id)
            set({ conversation: { ...conversation, title } }, false, 'conversation/rename')
          await get().loadConversations()
        }),
      removeConversation: (id) =>
        attempt(async () => {
          const removed = get().conversations.find((one) => one.id === id) ?? null
          if (get().conversation?.id === id) await get().flushDraft()
          await client.chat.remove({ conversationId: id })
          const conversations = get().conversations.filter((one) => one.id !== id)
          set({ conversations, removedConversation: removed }, false, 'conversation/remove')
          await get().loadConversations()
          if (get().conversation?.id !== id) return
          follower.followOnly([])
          set({ conversation: null, progress: {} }, false, 'conversation/close')
          get().showDraft({ text: '', media: [] })
          await get().openConversation()
        }),
      undoRemoveConversation: () =>
        attempt(async () => {
          const removed = get().removedConversation
          if (removed === null) return
          await leave()
          show(await client.chat.restore({ conversationId: removed.id }))
          set({ removedConversation: null }, false, 'conversation/restore')
          await get().loadConversations()
        }),
      beginTurn: (turn) => {
        const { conversation } = get()
        if (conversation?.id !== turn.conversationId) return
        set({ conversation: withTurn(conversation, turn), ...noFailure }, false, 'conversation/begin')
        follower.follow(turn)
      },
      stop: () =>
        attempt(async () => {
          const open = get().conversation?.items.filter(isOpen) ?? []
          await Promise.all(open.map(({ id }) => client.chat.stop({ turnId: id })))
        }),
      retry: (turnId, question) =>
        attempt(async () => {
          get().beginTurn(
            await client.chat.retry({ turnId, ...(question === undefined ? {} : { question }) }),
          )
        }),
      resume: (turnId) =>
        attempt(async () => {
          get().beginTurn(await client.chat.resume({ turnId }))
        }),
      failConversation: (thrown, retry) => {
        const failure = failureOf(thrown)
        // While there is no connection the status bar says so, and everything is read again afterwards.
        if (failure.code === 'cancelled' || get().connection === 'lost') return
        set({ conversationFailure: failure, conversationRetry: retry }, false, 'conversation/fail')
      },
      retryConversation: async () => {
        const { conversationRetry } = get()
        get().dismissConversationFailure()
        await conversationRetry?.()
      },
      dismissConversationFailure: () => {
        set(noFailure, false, 'conversation/dismiss')
      },
    }
  }

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([id]) => id !== key))
}
