import type { Conversation, Turn } from '../../../app/contract/chat'
import type { LibraryItem } from '../../../app/contract/library'

/** Library items, turns and conversations with nothing special about them; a test names what matters to it. */
export function item(change: Partial<LibraryItem> = {}): LibraryItem {
  return {
    id: 'itemitem',
    kind: 'video',
    name: 'film.mp4',
    path: '/films/film.mp4',
    addedAt: '2026-01-01T00:00:00.000Z',
    sizeBytes: 1000,
    width: 320,
    height: 180,
    durationSeconds: 20,
    frameRate: 25,
    hasAudio: false,
    pages: 1,
    entries: 0,
    playable: true,
    sample: false,
    suggestedQuestions: [],
    problem: null,
    ...change,
  }
}

export function turn(change: Partial<Turn> = {}): Turn {
  return {
    id: 'turnturn',
    conversationId: 'talktalk',
    question: 'What is it?',
    media: [],
    answer: '',
    status: 'waiting',
    failure: null,
    citations: [],
    usage: null,
    model: '',
    askedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  }
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: 'talktalk',
    title: '',
    updatedAt: '2026-01-01T00:00:00.000Z',
    turns: change.items?.length ?? 0,
    items: [],
    draft: { text: '', media: [] },
    ...change,
  }
}
