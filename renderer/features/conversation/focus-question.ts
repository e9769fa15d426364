/** Puts the cursor into the question box, wherever the layout has it. */
export function focusQuestion(): void {
  document.querySelector<HTMLElement>('textarea[aria-label="Question"]')?.focus()
}
