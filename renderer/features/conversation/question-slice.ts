import type { Draft, MediaChip, RequestCost } from '../../../app/contract/chat'
import { isMissing } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'
import { askedMedia, isSamePart, openChip, selectAskedMedia } from './asked-media'
import { DraftSaver, type PendingDraft } from './draft-saver'

const emptyDraft: Draft = { text: '', media: [] }

export interface QuestionSlice {
  readonly draft: Draft
  /** What the person took out of the question although it is open in the viewer. */
  readonly leftOut: MediaChip | null
  /** What the question would take; null until known. */
  readonly cost: RequestCost | null
  /** The media that `cost` is about: with others it says nothing. */
  readonly costMedia: readonly MediaChip[] | null
  readonly isAsking: boolean
  /** Shows a saved draft, without saving it again. */
  showDraft(draft: Draft): void
  writeDraft(text: string): void
  /** Adds a chip to what the question is about, or replaces the one of the same item. */
  addChip(chip: MediaChip): void
  /** Takes out one of the chips that are shown, `askedMedia` by position. */
  removeChip(index: number): void
  /** Makes these the chips of a question that has none of its own yet. */
  suggestChips(chips: readonly MediaChip[]): void
  /** What is open becomes a chip of its own once another item is opened while a question is being written. */
  keepOpenChip(): void
  flushDraft(): Promise<void>
  /** Asks the draft, or the given question about the same media. */
  ask(question?: string): Promise<void>
  loadCost(): Promise<void>
}

export const createQuestionSlice: SliceCreator<QuestionSlice> =
  ({ client }) =>
  (set, get) => {
    const saveDraft = async (pending: PendingDraft): Promise<void> => {
      try {
        await client.chat.saveDraft(pending)
      } catch (thrown) {
        // The conversation was removed meanwhile, perhaps in another window: its draft went with it.
        if (isMissing(thrown)) return
        get().failConversation(thrown, () =>
          // More may have been written since.
          get().conversation?.id === pending.conversationId ? save() : saveDraft(pending),
        )
      }
    }
    const saver = new DraftSaver(saveDraft)
    const changeDraft = (draft: Draft) => {
      set({ draft }, false, 'question/draft')
      void save()
    }
    const save = async () => {
      try {
        const { id } = await get().ensureConversation()
        const { draft } = get()
        // What is open is part of the question as soon as there is one: it must not depend on what is open later.
        saver.schedule(id, draft.text.trim() === '' ? draft : { ...draft, media: [...askedMedia(get())] })
      } catch (thrown) {
        get().failConversation(thrown, save)
      }
    }
    return {
      draft: emptyDraft,
      leftOut: null,
      cost: null,
      costMedia: null,
      isAsking: false,
      showDraft: (draft) => {
        set({ draft, leftOut: null, cost: null }, false, 'question/show')
      },
      writeDraft: (text) => {
        changeDraft({ ...get().draft, text })
      },
      addChip: (chip) => {
        const media = askedMedia(get())
        const same = media.findIndex(({ itemId }) => itemId === chip.itemId)
        changeDraft({ ...get().draft, media: same < 0 ? [...media, chip] : media.with(same, chip) })
      },
      removeChip: (index) => {
        const state = get()
        const shown = askedMedia(state)
        const chip = openChip(state)
        const removed = shown[index]
        // Otherwise what is open would come back as soon as the last chip is gone.
        if (chip !== null && removed !== undefined && isSamePart(chip, removed)) {
          set({ leftOut: chip }, false, 'question/leaveOut')
        }
        changeDraft({ ...state.draft, media: shown.filter((_, i) => i !== index) })
      },
      suggestChips: (chips) => {
        if (get().draft.media.length === 0) changeDraft({ ...get().draft, media: [...chips] })
      },
      keepOpenChip: () => {
        const { draft } = get()
        const media = askedMedia(get())
        if (draft.text.trim() !== '' && draft.media.length === 0 && media.length > 0)
          changeDraft({ ...draft, media: [...media] })
      },
      flushDraft: () => saver.flush(),
      ask: async (question) => {
        const state = get()
        const text = (question ?? state.draft.text).trim()
        if (text === '' || state.isAsking) return
        const media = [...askedMedia(state)]
        const before = state.draft
        const rest: Draft = question === undefined ? emptyDraft : { ...before, media: [] }
        get().dismissConversationFailure()
        set({ isAsking: true }, false, 'question/ask')
        try {
          const { id } = await get().ensureConversation()
          // The box is free at once: what is typed while the question is on its way belongs to the next one.
          saver.cancel()
          set({ draft: rest }, false, 'question/taken')
          get().beginTurn(await client.chat.ask({ conversationId: id, question: text, media }))
          get().showPart('conversation')
          if (get().draft.text !== '') changeDraft(get().draft)
        } catch (thrown) {
          if (get().draft === rest) changeDraft(before)
          get().failConversation(thrown, () => get().ask(question))
        } finally {
          set({ isAsking: false }, false, 'question/asked')
        }
      },
      loadCost: async () => {
        const media = selectAskedMedia(get())
        const { draft, conversation: open } = get()
        if (open === null && media.length === 0 && draft.text === '') return
        try {
          const { id } = await get().ensureConversation()
          const cost = await client.chat.cost({ conversationId: id, question: draft.text, media: [...media] })
          if (get().draft === draft && get().conversation?.id === id)
            set({ cost, costMedia: media }, false, 'question/cost')
        } catch {
          // The cost is a help before asking; what is wrong with the media is told by asking.
          set({ cost: null }, false, 'question/noCost')
        }
      },
    }
  }
