// Axes of line charts: scale, ticks, label.

/**
 * @typedef {{ scale: 'linear' | 'log', ticks: readonly number[], label: string, format: (value: number) => string }} Axis
 */

/**
 * @param {'linear' | 'log'} scale
 * @param {readonly number[]} ticks
 * @param {string} label
 * @returns {Axis}
 */
export function axis(scale, ticks, label) {
  return {
    scale,
    ticks,
    label,
    format: (value) => value.toLocaleString('en-US', { maximumFractionDigits: 3 }),
  }
}

/** 0 to 100, a tick each `step`. */
export function percentAxis(/** @type {number} */ step) {
  const ticks = Array.from({ length: 100 / step + 1 }, (_, index) => index * step)
  return axis('linear', ticks, '% right')
}

/** Ticks of a linear axis from 0 to at least `most`, about five of them. */
export function linearTicks(/** @type {number} */ most) {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  )
}

/** Ticks 1, 2, 5, 10 … that enclose all values, which must be above 0; powers of ten only over a wide range. */
export function logTicks(/** @type {readonly number[]} */ values) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const factors = high / low > 1000 ? [1] : [1, 2, 5]
  const all = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) all.push(Number((factor * 10 ** power).toPrecision(6)))
  }
  const from = all.findLastIndex((tick) => tick <= low)
  const to = all.findIndex((tick) => tick >= high)
  return all.slice(Math.max(0, from), to < 0 ? undefined : Math.max(to, from + 1) + 1)
}
