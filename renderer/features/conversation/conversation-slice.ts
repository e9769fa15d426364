import type {
  Conversation,
  ConversationSummary,
  Draft,
  MediaChip,
  Progress,
  RequestCost,
  Turn,
} from '../../../app/contract/chat'
import type { KeptFailure } from '../../../app/contract/error-map'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'
import { TurnFollower } from './turn-follower'

const emptyDraft: Draft = { text: '', media: [] }
const SAVE_DRAFT_MS = 400

export interface ConversationSlice {
  readonly conversations: readonly ConversationSummary[]
  readonly conversation: Conversation | null
  readonly draft: Draft
  /** Progress of turns that have no text yet, by turn id. */
  readonly progress: Readonly<Record<string, Progress>>
  /** What the draft would take; null until known. */
  readonly cost: RequestCost | null
  readonly isAsking: boolean
  readonly conversationFailure: KeptFailure | null
  readonly removedConversation: ConversationSummary | null
  loadConversations(): Promise<void>
  /** Opens a conversation, the latest one when none is named. */
  openConversation(id?: string): Promise<void>
  /** Takes over what other windows changed; the draft being written here stays. */
  refreshConversation(): Promise<void>
  newConversation(): Promise<void>
  removeConversation(id: string): Promise<void>
  undoRemoveConversation(): Promise<void>
  writeDraft(text: string): void
  addChip(chip: MediaChip): void
  removeChip(index: number): void
  changeChip(index: number, chip: MediaChip): void
  /** Asks the draft, or the given question about the draft's media. */
  ask(question?: string): Promise<void>
  stop(): Promise<void>
  retry(turnId: string, question?: string): Promise<void>
  resume(turnId: string): Promise<void>
  loadCost(): Promise<void>
  dismissConversationFailure(): void
}

export const createConversationSlice: SliceCreator<ConversationSlice> =
  ({ client }) =>
  (set, get) => {
    let draftTimer: ReturnType<typeof setTimeout> | undefined
    const follower = new TurnFollower(client, {
      showTurn: (turn) => {
        const { conversation, progress } = get()
        if (conversation?.id !== turn.conversationId) return
        const rest = Object.fromEntries(Object.entries(progress).filter(([id]) => id !== turn.id))
        const keepProgress = turn.status === 'reading' || turn.status === 'waiting'
        set(
          { conversation: withTurn(conversation, turn), progress: keepProgress ? progress : rest },
          false,
          'conversation/turn',
        )
      },
      showProgress: (turnId, progress) => {
        set({ progress: { ...get().progress, [turnId]: progress } }, false, 'conversation/progress')
      },
      appendText: (turnId, text) => {
        const { conversation } = get()
        const turn = conversation?.items.find(({ id }) => id === turnId)
        if (!conversation || turn === undefined) return
        const longer: Turn = { ...turn, status: 'streaming', answer: turn.answer + text }
        set({ conversation: withTurn(conversation, longer) }, false, 'conversation/text')
      },
      fail: (thrown) => {
        fail(thrown)
      },
    })
    const fail = (thrown: unknown) => {
      const failure = failureOf(thrown)
      if (failure.code !== 'cancelled') set({ conversationFailure: failure }, false, 'conversation/fail')
    }
    const show = (conversation: Conversation) => {
      set({ conversation, draft: conversation.draft, cost: null, progress: {} }, false, 'conversation/show')
      follower.followOnly(conversation.items.filter(isOpen))
    }
    const begin = (turn: Turn) => {
      const { conversation } = get()
      if (conversation?.id !== turn.conversationId) return
      set(
        { conversation: withTurn(conversation, turn), conversationFailure: null },
        false,
        'conversation/begin',
      )
      follower.follow(turn)
    }
    const changeDraft = (draft: Draft) => {
      set({ draft }, false, 'conversation/draft')
      clearTimeout(draftTimer)
      draftTimer = setTimeout(() => {
        const id = get().conversation?.id
        if (id === undefined) return
        client.chat.saveDraft({ conversationId: id, draft: get().draft }).catch(fail)
      }, SAVE_DRAFT_MS)
    }
    /** The open conversation; a first one is made when there is none. */
    const current = async (): Promise<Conversation> => {
      const open = get().conversation
      if (open !== null) return open
      const made = await client.chat.create()
      set({ conversation: made }, false, 'conversation/create')
      return made
    }
    return {
      conversations: [],
      conversation: null,
      draft: emptyDraft,
      progress: {},
      cost: null,
      isAsking: false,
      conversationFailure: null,
      removedConversation: null,
      loadConversations: async () => {
        try {
          set({ conversations: await client.chat.list() }, false, 'conversation/list')
        } catch (thrown) {
          fail(thrown)
        }
      },
      openConversation: async (id) => {
        try {
          const wanted = id ?? get().conversations[0]?.id
          if (wanted === undefined) return
          show(await client.chat.get({ conversationId: wanted }))
        } catch (thrown) {
          fail(thrown)
        }
      },
      refreshConversation: async () => {
        const open = get().conversation
        if (open === null) return
        try {
          const conversation = await client.chat.get({ conversationId: open.id })
          if (get().conversation?.id !== open.id) return
          // Turns that are followed here are ahead of the database.
          const items = conversation.items.map((turn) => {
            const shown = get().conversation?.items.find(({ id }) => id === turn.id)
            return shown !== undefined && follower.isFollowing(turn.id) ? shown : turn
          })
          set({ conversation: { ...conversation, items } }, false, 'conversation/refresh')
          for (const turn of items.filter(isOpen)) follower.follow(turn)
        } catch (thrown) {
          fail(thrown)
        }
      },
      newConversation: async () => {
        try {
          const media = get().draft.media
          show(await client.chat.create())
          changeDraft({ text: '', media })
          await get().loadConversations()
        } catch (thrown) {
          fail(thrown)
        }
      },
      removeConversation: async (id) => {
        try {
          await client.chat.remove({ conversationId: id })
          const removed = get().conversations.find((one) => one.id === id) ?? null
          set({ removedConversation: removed }, false, 'conversation/remove')
          await get().loadConversations()
          if (get().conversation?.id === id) {
            set({ conversation: null, draft: emptyDraft }, false, 'conversation/close')
            await get().openConversation()
          }
        } catch (thrown) {
          fail(thrown)
        }
      },
      undoRemoveConversation: async () => {
        const removed = get().removedConversation
        if (removed === null) return
        try {
          show(await client.chat.restore({ conversationId: removed.id }))
          set({ removedConversation: null }, false, 'conversation/restore')
          await get().loadConversations()
        } catch (thrown) {
          fail(thrown)
        }
      },
      writeDraft: (text) => {
        changeDraft({ ...get().draft, text })
      },
      addChip: (chip) => {
        const { draft } = get()
        const same = draft.media.findIndex(({ itemId }) => itemId === chip.itemId)
        const media = same < 0 ? [...draft.media, chip] : draft.media.with(same, chip)
        changeDraft({ ...draft, media })
      },
      removeChip: (index) => {
        const { draft } = get()
        changeDraft({ ...draft, media: draft.media.filter((_, i) => i !== index) })
      },
      changeChip: (index, chip) => {
        const { draft } = get()
        changeDraft({ ...draft, media: draft.media.with(index, chip) })
      },
      ask: async (question) => {
        const text = (question ?? get().draft.text).trim()
        if (text === '' || get().isAsking) return
        set({ isAsking: true, conversationFailure: null }, false, 'conversation/ask')
        try {
          const { id } = await current()
          const { media } = get().draft
          begin(await client.chat.ask({ conversationId: id, question: text, media }))
          changeDraft(question === undefined ? emptyDraft : { ...get().draft, media: [] })
        } catch (thrown) {
          fail(thrown)
        } finally {
          set({ isAsking: false }, false, 'conversation/asked')
        }
      },
      stop: async () => {
        const open = get().conversation?.items.filter(isOpen) ?? []
        try {
          await Promise.all(open.map(({ id }) => client.chat.stop({ turnId: id })))
        } catch (thrown) {
          fail(thrown)
        }
      },
      retry: async (turnId, question) => {
        try {
          begin(await client.chat.retry({ turnId, ...(question === undefined ? {} : { question }) }))
        } catch (thrown) {
          fail(thrown)
        }
      },
      resume: async (turnId) => {
        try {
          begin(await client.chat.resume({ turnId }))
        } catch (thrown) {
          fail(thrown)
        }
      },
      loadCost: async () => {
        const { conversation, draft } = get()
        if (conversation === null) return
        try {
          const cost = await client.chat.cost({
            conversationId: conversation.id,
            question: draft.text,
            media: draft.media,
          })
          if (get().draft === draft) set({ cost }, false, 'conversation/cost')
        } catch {
          // The cost is a help before asking; what is wrong with the media is told by asking.
          set({ cost: null }, false, 'conversation/noCost')
        }
      },
      dismissConversationFailure: () => {
        set({ conversationFailure: null }, false, 'conversation/dismiss')
      },
    }
  }

/** Whether a turn is still being answered. */
export function isOpen({ status }: Turn): boolean {
  return status === 'waiting' || status === 'reading' || status === 'streaming'
}

function withTurn(conversation: Conversation, turn: Turn): Conversation {
  const index = conversation.items.findIndex(({ id }) => id === turn.id)
  const items = index < 0 ? [...conversation.items, turn] : conversation.items.with(index, turn)
  return { ...conversation, items }
}
