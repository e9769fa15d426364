import type { FolderEntry } from '../../../app/contract/library'
import type { SliceCreator } from '../../store/slice'
import { rememberOpenItem } from './remembered-item'

/** Part of a video, seconds; end after start. */
export interface TimeRange {
  readonly start: number
  readonly end: number
}

export interface ViewerSlice {
  readonly openItemId: string | null
  /** Which picture of a folder is shown large; null shows the grid. */
  readonly openEntry: number | null
  /** Page of a picture file, from 0. */
  readonly page: number
  /** Seconds. Follows playback about ten times a second, and every seek at once. */
  readonly playhead: number
  readonly isPlaying: boolean
  /** Marks set by the person; null asks about all of it. */
  readonly range: TimeRange | null
  /** Seconds of the frames that the model is given, for the timeline's ticks; null until known. */
  readonly plannedFrames: readonly number[] | null
  /** Counts requests to move the playhead: the player follows each, also to where it already is. */
  readonly seekCount: number
  openItem(id: string | null): void
  openFolderEntry(index: number | null): void
  showPage(page: number): void
  /** The next (1) or previous (-1) page of a picture file, or picture of a folder. */
  turnPage(direction: 1 | -1): void
  /** Moves the playhead, clamped to the item's duration where it is known, and stops playback there. */
  seek(seconds: number): void
  /** Opens an item at a moment: what a click on a time in an answer does. */
  seekIn(itemId: string, seconds: number): void
  followPlayback(seconds: number): void
  setPlaying(isPlaying: boolean): void
  markStart(): void
  markEnd(): void
  clearRange(): void
  loadPlannedFrames(): Promise<void>
  /** Entries of a folder by position; empty when they cannot be had. */
  loadFolderEntries(id: string, offset: number, limit: number): Promise<readonly FolderEntry[]>
}

export const createViewerSlice: SliceCreator<ViewerSlice> =
  ({ client }) =>
  (set, get) => {
    const openVideo = () => {
      const { items, openItemId } = get()
      const item = items.find(({ id }) => id === openItemId)
      return item?.kind === 'video' ? item : null
    }
    const clamp = (seconds: number) => {
      const video = openVideo()
      // 0: the container does not say how long it is.
      const end = video?.durationSeconds === 0 ? Infinity : (video?.durationSeconds ?? 0)
      return Math.max(0, Math.min(seconds, end))
    }
    const changeRange = (range: TimeRange | null) => {
      set({ range, plannedFrames: null }, false, 'viewer/range')
      void get().loadPlannedFrames()
    }
    return {
      openItemId: null,
      openEntry: null,
      page: 0,
      playhead: 0,
      isPlaying: false,
      range: null,
      plannedFrames: null,
      seekCount: 0,
      openItem: (openItemId) => {
        get().setDrawerOpen(false)
        if (openItemId === get().openItemId) return
        get().keepOpenChip()
        if (openItemId !== null) rememberOpenItem(openItemId)
        set(
          {
            openItemId,
            openEntry: null,
            page: 0,
            playhead: 0,
            isPlaying: false,
            range: null,
            plannedFrames: null,
          },
          false,
          'viewer/open',
        )
        void get().loadPlannedFrames()
      },
      openFolderEntry: (openEntry) => {
        set({ openEntry }, false, 'viewer/openEntry')
      },
      showPage: (page) => {
        set({ page }, false, 'viewer/page')
      },
      turnPage: (direction) => {
        const { items, openItemId, openEntry, page } = get()
        const item = items.find(({ id }) => id === openItemId)
        if (item === undefined) return
        const clampTo = (index: number, count: number) => Math.max(0, Math.min(index, count - 1))
        if (openEntry !== null) get().openFolderEntry(clampTo(openEntry + direction, item.entries))
        else if (item.pages > 1) get().showPage(clampTo(page + direction, item.pages))
      },
      seek: (seconds) => {
        const { seekCount } = get()
        set({ playhead: clamp(seconds), isPlaying: false, seekCount: seekCount + 1 }, false, 'viewer/seek')
      },
      seekIn: (itemId, seconds) => {
        // What is watched stays when the other was removed from the library.
        if (!get().items.some(({ id }) => id === itemId)) return
        get().openItem(itemId)
        get().seek(seconds)
        get().showPart('viewer')
      },
      followPlayback: (seconds) => {
        set({ playhead: clamp(seconds) }, false, 'viewer/follow')
      },
      setPlaying: (isPlaying) => {
        set({ isPlaying }, false, 'viewer/playing')
      },
      markStart: () => {
        const item = openVideo()
        if (item === null) return
        const { playhead, range } = get()
        const end = range !== null && range.end > playhead ? range.end : item.durationSeconds
        if (end > playhead) changeRange({ start: playhead, end })
      },
      markEnd: () => {
        if (openVideo() === null) return
        const { playhead, range } = get()
        const start = range !== null && range.start < playhead ? range.start : 0
        if (playhead > start) changeRange({ start, end: playhead })
      },
      clearRange: () => {
        changeRange(null)
      },
      loadFolderEntries: async (id, offset, limit) => {
        try {
          return await client.library.folderEntries({ id, offset, limit })
        } catch {
          // A folder that went away is marked as missing in the library; the grid just stays empty.
          return []
        }
      },
      loadPlannedFrames: async () => {
        const item = openVideo()
        if (item === null) return
        const { range } = get()
        try {
          const plannedFrames = await client.library.plannedFrames({ id: item.id, range })
          const now = get()
          if (now.openItemId === item.id && now.range === range)
            set({ plannedFrames }, false, 'viewer/plannedFrames')
        } catch {
          // Ticks are a help, not a promise: asking will say what is wrong with the file.
          set({ plannedFrames: [] }, false, 'viewer/noPlannedFrames')
        }
      },
    }
  }
