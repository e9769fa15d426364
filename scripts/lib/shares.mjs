// Shares with 95 % intervals, as app/services/evaluation/intervals.ts computes them (held together by a test).

/** @typedef {{ value: number, low: number, high: number }} Share */
/** @typedef {readonly [right: number, asked: number]} Tally */

const Z = 1.959963984540054

/**
 * A proportion with Wilson's score interval. At least one must have been asked.
 * @param {Tally} tally
 * @returns {Share}
 */
export function wilson([right, asked]) {
  const share = right / asked
  const z2 = Z * Z
  const scale = 1 + z2 / asked
  const centre = (share + z2 / (2 * asked)) / scale
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / asked + z2 / (4 * asked * asked))
  return {
    value: share,
    low: right === 0 ? 0 : centre - half,
    high: right === asked ? 1 : centre + half,
  }
}

/**
 * The mean of shares, each counting the same however often it was asked. There must be one.
 * @param {readonly Tally[]} tallies
 * @returns {Share}
 */
export function meanShare(tallies) {
  const shares = tallies.map(wilson)
  const mean = shares.reduce((sum, { value }) => sum + value, 0) / shares.length
  const spread = (/** @type {(share: Share) => number} */ distance) =>
    Math.sqrt(shares.reduce((sum, share) => sum + distance(share) ** 2, 0)) / shares.length
  return {
    value: mean,
    low: Math.max(0, mean - spread(({ value, low }) => value - low)),
    high: Math.min(1, mean + spread(({ value, high }) => high - value)),
  }
}
