import { useId, useState } from 'react'
import styles from './settings-dialog.module.css'

interface NumberFieldProps {
  readonly label: string
  readonly hint: string
  /** What an empty field stands for. */
  readonly placeholder: string
  /** null shows an empty field. */
  readonly value: number | null
  readonly isWhole?: true
  readonly largest: number
  readonly onChange: (value: number | null) => void
}

/** A number that is taken over when the field is left or Enter is pressed; what cannot be taken says why. */
export function NumberField({
  label,
  hint,
  placeholder,
  value,
  isWhole,
  largest,
  onChange,
}: NumberFieldProps) {
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const shown = text ?? (value === null ? '' : String(value))
  const parsed = parse(shown, isWhole === true, largest)
  const take = () => {
    if (text === null || parsed === undefined) return
    if (parsed !== value) onChange(parsed)
    setText(null)
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        inputMode={isWhole === true ? 'numeric' : 'decimal'}
        value={shown}
        placeholder={placeholder}
        aria-invalid={parsed === undefined}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          setText(event.target.value)
        }}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take()
        }}
      />
      <span id={`${id}-hint`} className={parsed === undefined ? styles.wrong : styles.hint}>
        {parsed === undefined
          ? `A ${isWhole === true ? 'whole ' : ''}number up to ${largest.toLocaleString('en')}, above 0.`
          : hint}
      </span>
    </div>
  )
}

/** undefined for text that is no such number. */
function parse(text: string, isWhole: boolean, largest: number): number | null | undefined {
  if (text.trim() === '') return null
  const value = Number(text)
  const isGood =
    Number.isFinite(value) && value > 0 && value <= largest && (!isWhole || Number.isInteger(value))
  return isGood ? value : undefined
}
