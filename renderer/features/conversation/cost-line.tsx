import { useEffect } from 'react'
import type { MediaChip } from '../../../app/contract/chat'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { framesOfPlan } from '../remedies'
import styles from './question-box.module.css'

const COST_AFTER_MS = 400

/** What the question will take; when that is too much, what would fit and a button that makes it so. */
export function CostLine({ media }: { readonly media: readonly MediaChip[] }) {
  useCost(media)
  const cost = useApp((state) => (state.costMedia === media ? state.cost : null))
  const isEmpty = useApp((state) => state.draft.text === '' && media.length === 0)
  const changeSettings = useApp((state) => state.changeSettings)
  if (cost === null || isEmpty) return <span className={styles.cost} />
  const { pictures, frames, promptTokens, contextTokens } = cost
  if (cost.fits) {
    const what = pictures === frames ? 'frames' : 'pictures'
    const tokens = `${promptTokens.toLocaleString('en')} tokens`
    return (
      <span className={styles.cost} title={`There is room for ${contextTokens.toLocaleString('en')} tokens`}>
        {pictures === 0 ? tokens : `${pictures.toLocaleString('en')} ${what}, ${tokens}`}
      </span>
    )
  }
  const fitting = framesOfPlan(cost.plan)
  return (
    <span className={styles.tooLong}>
      Too long: {promptTokens.toLocaleString('en')} tokens, and there is room for{' '}
      {contextTokens.toLocaleString('en')}. {cost.plan}
      {fitting !== null && (
        <Button className={styles.useFrames} onClick={() => void changeSettings({ maxFrames: fitting })}>
          Use {fitting.toLocaleString('en')} {fitting === 1 ? 'frame' : 'frames'}
        </Button>
      )}
    </span>
  )
}

/** Asks what the question would take, once the person has stopped changing it for a moment. */
function useCost(media: readonly MediaChip[]): void {
  const text = useApp((state) => state.draft.text)
  const settings = useApp((state) => state.settings)
  const chosenModel = useApp((state) => state.models.find(({ chosen }) => chosen)?.folder)
  const conversationId = useApp((state) => state.conversation?.id)
  const turns = useApp((state) => state.conversation?.items.length)
  const loadCost = useApp((state) => state.loadCost)
  useEffect(() => {
    const timer = setTimeout(() => {
      void loadCost()
    }, COST_AFTER_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text, media, settings, chosenModel, conversationId, turns, loadCost])
}
