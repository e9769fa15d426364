/** A share with its 95 % interval, all 0…1. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A count of right answers among those asked. */
export interface Tally {
  readonly right: number
  readonly total: number
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054

/**
 * A proportion with Wilson's score interval, which stays within 0…1 and is sound for few questions and for shares near
 * 0 and 1 (E. B. Wilson, JASA 22, 1927). Nothing asked: the value is NaN and the interval everything.
 */
export function wilson({ right, total }: Tally): Share {
  if (total === 0) return { value: Number.NaN, low: 0, high: 1 }
  const share = right / total
  const z2 = Z * Z
  const scale = 1 + z2 / total
  const centre = (share + z2 / (2 * total)) / scale
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total))
  return {
    value: share,
    // At the ends the bounds are exactly 0 and 1; rounding would leave a hair.
    low: right === 0 ? 0 : centre - half,
    high: right === total ? 1 : centre + half,
  }
}

/**
 * The mean of independent shares, each counting the same however often it was asked, with the interval that follows
 * from theirs: the distances to their bounds add as squares (method of variance estimates recovery, Zou and Donner,
 * Statistics in Medicine 27, 2008). Shares that nothing was asked of are left out.
 */
export function meanShare(tallies: readonly Tally[]): Share {
  const shares = tallies.filter(({ total }) => total > 0).map(wilson)
  if (shares.length === 0) return { value: Number.NaN, low: 0, high: 1 }
  const mean = shares.reduce((sum, { value }) => sum + value, 0) / shares.length
  const spread = (distance: (share: Share) => number) =>
    Math.sqrt(shares.reduce((sum, share) => sum + distance(share) ** 2, 0)) / shares.length
  return {
    value: mean,
    low: Math.max(0, mean - spread(({ value, low }) => value - low)),
    high: Math.min(1, mean + spread(({ value, high }) => high - value)),
  }
}
