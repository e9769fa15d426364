import { useEffect, useState } from 'react'
import { copyText } from './copy-text'

const SHOWN_MS = 2000

interface Copying {
  /** What came of it, for a moment. */
  readonly outcome: 'copied' | 'failed' | null
  /** The same in words; empty when there is nothing to tell. */
  readonly words: string
  copy(text: string): void
}

export function useCopy(): Copying {
  const [outcome, setOutcome] = useState<Copying['outcome']>(null)
  useEffect(() => {
    if (outcome !== 'copied') return
    const timer = setTimeout(() => {
      setOutcome(null)
    }, SHOWN_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [outcome])
  const copy = (text: string) => {
    void copyText(text).then((isCopied) => {
      setOutcome(isCopied ? 'copied' : 'failed')
    })
  }
  const words = { copied: 'Copied', failed: 'The browser does not allow copying' }
  return { outcome, words: outcome === null ? '' : words[outcome], copy }
}
