import { Film, Folder, Image as ImageIcon, X } from 'lucide-react'
import type { MediaChip } from '../../../app/contract/chat'
import { formatTimecode } from '../../../app/domain/time/timecode'
import { useApp } from '../../store/app-context'
import styles from './chip-row.module.css'

interface ChipRowProps {
  readonly media: readonly MediaChip[]
  readonly onRemove?: (index: number) => void
}

const icons = { video: Film, image: ImageIcon, folder: Folder }

/** The media of a question, each by name and, where it is only a part, its range. */
export function ChipRow({ media, onRemove }: ChipRowProps) {
  const items = useApp((state) => state.items)
  const openItem = useApp((state) => state.openItem)
  if (media.length === 0) return null
  return (
    <ul className={styles.row} aria-label="Media in this question">
      {media.map((chip, index) => {
        const item = items.find(({ id }) => id === chip.itemId)
        const name = item?.name ?? 'No longer in the library'
        const Icon = icons[item?.kind ?? 'image']
        return (
          <li key={`${chip.itemId} ${chip.range?.start ?? ''}`} className={styles.chip}>
            <button
              type="button"
              className={styles.name}
              title={name}
              disabled={item === undefined}
              onClick={() => {
                openItem(chip.itemId)
              }}
            >
              <Icon size={16} aria-hidden />
              <span className={styles.text}>{name}</span>
              {chip.range !== null && (
                <span className={styles.range}>
                  {formatTimecode(chip.range.start)}–{formatTimecode(chip.range.end)}
                </span>
              )}
              {chip.tiles && <span className={styles.range}>tiles</span>}
            </button>
            {onRemove !== undefined && (
              <button
                type="button"
                className={styles.remove}
                aria-label={`Leave out ${name}`}
                title={`Leave out ${name}`}
                onClick={() => {
                  onRemove(index)
                }}
              >
                <X size={14} aria-hidden />
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
