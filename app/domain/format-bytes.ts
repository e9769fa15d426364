const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/**
 * A size for people: `812 bytes`, `1.5 KB`, `12 GB`. Powers of 1024; one decimal below ten. Negative and unknown
 * sizes (NaN, infinity) read as `unknown`.
 */
export function formatBytes(sizeBytes: number): string {
  if (!Number.isFinite(sizeBytes) || sizeBytes < 0) return 'unknown'
  let value = sizeBytes
  let unit = 0
  // 1023.5 and above would be printed as 1024 of the smaller unit.
  while (Math.round(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)} ${UNITS[unit] ?? 'bytes'}`
}
