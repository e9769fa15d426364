import type { AppState, AppStore } from '../../store/create-app-store'

/** Everything a key, a menu entry or a button can do, once. */
export interface Command {
  readonly id: string
  readonly title: string
  readonly group: 'Conversation' | 'Viewer' | 'Program'
  /** Keys as shown to people; `Mod` is Ctrl, or Cmd on a Mac. The first one stands in tooltips. */
  readonly keys: readonly string[]
  /** Works while typing too: only for keys with Mod, and Escape. */
  readonly whileTyping?: true
  readonly isEnabled?: (state: AppState) => boolean
  readonly run: (store: AppStore) => void
}

/** Seconds that an arrow key moves the playhead. */
const ARROW_SECONDS = 5
const SHIFT_ARROW_SECONDS = 1

function openVideo({ items, openItemId }: AppState) {
  const item = items.find(({ id }) => id === openItemId)
  return item?.kind === 'video' ? item : undefined
}

const hasVideo = (state: AppState) => openVideo(state) !== undefined

const hasPages = ({ items, openItemId, openEntry }: AppState) =>
  openEntry !== null || (items.find(({ id }) => id === openItemId)?.pages ?? 1) > 1

/** Shows the conversation where it is hidden, then puts the cursor into the box once it is drawn. */
function focusQuestion(store: AppStore): void {
  store.getState().showPanel('conversation', true)
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('textarea[aria-label="Question"]')?.focus()
  })
}

function togglePanel(store: AppStore, panel: 'library' | 'conversation'): void {
  const state = store.getState()
  state.showPanel(panel, !state.shownPanels[panel])
  // Where the library is a drawer, the same key opens it.
  if (panel === 'library') state.setDrawerOpen(!state.isDrawerOpen)
}

function seekBy(store: AppStore, seconds: number): void {
  const state = store.getState()
  state.seek(state.playhead + seconds)
}

function stepFrame(store: AppStore, direction: 1 | -1): void {
  const state = store.getState()
  const frameRate = openVideo(state)?.frameRate ?? 0
  const step = 1 / (frameRate > 0 ? frameRate : 25)
  // Aim at the middle of the next frame: exact boundaries may round to the frame before.
  const frame = Math.floor(state.playhead / step + 1e-3)
  state.seek((frame + direction + 0.5) * step)
}

export const commands: readonly Command[] = [
  {
    id: 'conversation.new',
    title: 'New conversation',
    group: 'Conversation',
    keys: ['Mod+N', 'Alt+N'],
    whileTyping: true,
    run: (store) => {
      void store
        .getState()
        .newConversation()
        .then(() => {
          focusQuestion(store)
        })
    },
  },
  {
    id: 'conversation.stop',
    title: 'Stop answering',
    group: 'Conversation',
    keys: ['Escape'],
    whileTyping: true,
    isEnabled: ({ conversation }) =>
      conversation?.items.some(({ status }) => ['waiting', 'reading', 'streaming'].includes(status)) ?? false,
    run: (store) => void store.getState().stop(),
  },
  {
    id: 'conversation.focusQuestion',
    title: 'Write a question',
    group: 'Conversation',
    keys: ['/'],
    run: focusQuestion,
  },
  {
    id: 'viewer.play',
    title: 'Play or pause',
    group: 'Viewer',
    keys: ['Space', 'K'],
    isEnabled: hasVideo,
    run: (store) => {
      const state = store.getState()
      state.setPlaying(!state.isPlaying)
    },
  },
  {
    id: 'viewer.previousFrame',
    title: 'Previous frame',
    group: 'Viewer',
    keys: [','],
    isEnabled: hasVideo,
    run: (store) => {
      stepFrame(store, -1)
    },
  },
  {
    id: 'viewer.nextFrame',
    title: 'Next frame',
    group: 'Viewer',
    keys: ['.'],
    isEnabled: hasVideo,
    run: (store) => {
      stepFrame(store, 1)
    },
  },
  {
    id: 'viewer.back',
    title: `Back ${ARROW_SECONDS} seconds`,
    group: 'Viewer',
    keys: ['ArrowLeft'],
    isEnabled: hasVideo,
    run: (store) => {
      seekBy(store, -ARROW_SECONDS)
    },
  },
  {
    id: 'viewer.forward',
    title: `Forward ${ARROW_SECONDS} seconds`,
    group: 'Viewer',
    keys: ['ArrowRight'],
    isEnabled: hasVideo,
    run: (store) => {
      seekBy(store, ARROW_SECONDS)
    },
  },
  {
    id: 'viewer.backALittle',
    title: 'Back 1 second',
    group: 'Viewer',
    keys: ['Shift+ArrowLeft'],
    isEnabled: hasVideo,
    run: (store) => {
      seekBy(store, -SHIFT_ARROW_SECONDS)
    },
  },
  {
    id: 'viewer.forwardALittle',
    title: 'Forward 1 second',
    group: 'Viewer',
    keys: ['Shift+ArrowRight'],
    isEnabled: hasVideo,
    run: (store) => {
      seekBy(store, SHIFT_ARROW_SECONDS)
    },
  },
  {
    id: 'viewer.markStart',
    title: 'Ask from here on',
    group: 'Viewer',
    keys: ['I'],
    isEnabled: hasVideo,
    run: (store) => {
      store.getState().markStart()
    },
  },
  {
    id: 'viewer.markEnd',
    title: 'Ask up to here',
    group: 'Viewer',
    keys: ['O'],
    isEnabled: hasVideo,
    run: (store) => {
      store.getState().markEnd()
    },
  },
  {
    id: 'viewer.clearRange',
    title: 'Ask about the whole video',
    group: 'Viewer',
    keys: ['X'],
    isEnabled: ({ range }) => range !== null,
    run: (store) => {
      store.getState().clearRange()
    },
  },
  {
    id: 'viewer.nextPage',
    title: 'Next page or picture',
    group: 'Viewer',
    keys: ['PageDown'],
    isEnabled: hasPages,
    run: (store) => {
      store.getState().turnPage(1)
    },
  },
  {
    id: 'viewer.previousPage',
    title: 'Previous page or picture',
    group: 'Viewer',
    keys: ['PageUp'],
    isEnabled: hasPages,
    run: (store) => {
      store.getState().turnPage(-1)
    },
  },
  {
    id: 'viewer.closePicture',
    title: 'Back to the whole folder',
    group: 'Viewer',
    keys: ['Escape'],
    isEnabled: ({ openEntry }) => openEntry !== null,
    run: (store) => {
      store.getState().openFolderEntry(null)
    },
  },
  {
    id: 'program.library',
    title: 'Show or hide the library',
    group: 'Program',
    keys: ['Mod+B'],
    whileTyping: true,
    run: (store) => {
      togglePanel(store, 'library')
    },
  },
  {
    id: 'program.conversation',
    title: 'Show or hide the conversation',
    group: 'Program',
    keys: ['Mod+J'],
    whileTyping: true,
    run: (store) => {
      togglePanel(store, 'conversation')
    },
  },
  {
    id: 'program.models',
    title: 'Models',
    group: 'Program',
    keys: ['M'],
    run: (store) => {
      store.getState().openModels()
    },
  },
  {
    id: 'program.settings',
    title: 'Settings',
    group: 'Program',
    keys: ['Mod+,'],
    whileTyping: true,
    run: (store) => {
      store.getState().openSettings()
    },
  },
  {
    id: 'program.keys',
    title: 'List the keys',
    group: 'Program',
    keys: ['?'],
    run: (store) => {
      store.getState().openShortcuts()
    },
  },
]

export function commandById(id: string): Command {
  const command = commands.find((one) => one.id === id)
  if (command === undefined) throw new Error(`expected a command with the id ${id}`)
  return command
}
