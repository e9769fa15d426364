import { Grid2x2, Plus } from 'lucide-react'
import type { MediaChip } from '../../../app/contract/chat'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { selectOpenItem } from '../library'
import { chipOf, isSamePart, isShownBefore } from './asked-media'
import styles from './question-box.module.css'

/** Puts what the viewer shows into the question when it is not in it already; for a picture also as tiles. */
export function AttachButtons({ media }: { readonly media: readonly MediaChip[] }) {
  const item = useApp(selectOpenItem)
  const range = useApp((state) => state.range)
  const addChip = useApp((state) => state.addChip)
  const turns = useApp((state) => state.conversation?.items)
  if (item === null || item.problem !== null) return null
  const chip = chipOf(item, range)
  const asked = media.find(({ itemId }) => itemId === item.id)
  if (asked === undefined || !isSamePart(asked, chip)) {
    const name = chip.range === null ? item.name : `the marked part of ${item.name}`
    const isAgain = isShownBefore(turns ?? [], chip)
    return (
      <Button
        look="quiet"
        className={styles.attach}
        icon={<Plus size={16} aria-hidden />}
        title={isAgain ? 'It is part of this conversation already; this shows it to the model again' : ''}
        onClick={() => {
          addChip(chip)
        }}
      >
        <span className={styles.attachName}>
          {isAgain ? `Show ${name} again` : `Ask about ${name}${media.length > 0 ? ' too' : ''}`}
        </span>
      </Button>
    )
  }
  if (item.kind === 'video') return null
  return (
    <Button
      look="quiet"
      aria-pressed={asked.tiles}
      className={styles.attach}
      icon={<Grid2x2 size={16} aria-hidden />}
      title="The whole picture, and its parts at full resolution"
      onClick={() => {
        addChip({ ...asked, tiles: !asked.tiles })
      }}
    >
      In tiles too
    </Button>
  )
}
