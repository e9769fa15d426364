export interface GridShape {
  readonly columns: number
  /** Cells that fit in sight. */
  readonly page: number
  readonly count: number
}

/** The cell that a key leads to from another, both from 0; null for keys that do not move. */
export function gridTarget(key: string, from: number, { columns, page, count }: GridShape): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -page,
    PageDown: page,
    Home: -count,
    End: count,
  }
  const step = steps[key]
  if (step === undefined || count === 0) return null
  const target = from + step
  // Up and down stay in their column at the ends.
  if (Math.abs(step) === columns && columns > 1 && (target < 0 || target >= count)) return from
  return Math.max(0, Math.min(count - 1, target))
}
