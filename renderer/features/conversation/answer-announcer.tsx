import { useEffect, useRef, useState } from 'react'
import { useApp, useAppStore } from '../../store/app-context'
import { finishedSentences, spokenText } from './finished-sentences'
import { isOpen } from './turn-list'

const EVERY_MS = 1000
const KEPT = 6

interface Line {
  readonly id: number
  readonly text: string
}

/**
 * Reads a streaming answer to screen readers a sentence at a time. The answer itself is drawn again with every frame,
 * which would have them begin anew each time.
 */
export function AnswerAnnouncer() {
  const store = useAppStore()
  const openTurnId = useApp(({ conversation }) => conversation?.items.find(isOpen)?.id ?? null)
  const [lines, setLines] = useState<readonly Line[]>([])
  const lineId = useRef(0)
  useEffect(() => {
    if (openTurnId === null) return
    const turn = () => store.getState().conversation?.items.find(({ id }) => id === openTurnId)
    let position = turn()?.answer.length ?? 0
    setLines([])
    const say = (text: string) => {
      if (text === '') return
      lineId.current += 1
      const line = { id: lineId.current, text }
      setLines((before) => [...before, line].slice(-KEPT))
    }
    const timer = setInterval(() => {
      const { spoken, next } = finishedSentences(turn()?.answer ?? '', position)
      position = next
      say(spoken)
    }, EVERY_MS)
    return () => {
      clearInterval(timer)
      const { answer = '', status } = turn() ?? {}
      say(spokenText(answer.slice(position)))
      if (status === 'stopped') say('Stopped.')
      if (status === 'interrupted') say('The answer was interrupted.')
    }
  }, [store, openTurnId])
  return (
    <div className="visually-hidden" aria-live="polite" data-announcer>
      {lines.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}
