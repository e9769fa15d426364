/** ", about 9 s left", ", about 3 min left", ", about 1.5 h left", to end a sentence with; empty when it cannot be told. */
export function timeLeftWords(secondsLeft: number | null): string {
  if (secondsLeft === null) return ''
  if (secondsLeft < 90) return `, about ${Math.max(1, Math.round(secondsLeft))} s left`
  if (secondsLeft < 5400) return `, about ${Math.round(secondsLeft / 60)} min left`
  return `, about ${(secondsLeft / 3600).toFixed(1)} h left`
}
