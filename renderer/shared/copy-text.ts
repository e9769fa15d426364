/** Copies a text; false when neither way is allowed. Must be called while a click or a key is handled. */
export async function copyText(text: string): Promise<boolean> {
  // Pages over plain HTTP from another machine have no clipboard: browsers keep it for secure ones.
  if ('clipboard' in navigator) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // Refused: the older way may still be open.
    }
  }
  return copySelected(text)
}

/** The way of before there was a clipboard for scripts: a text is put on the page, selected and copied. */
function copySelected(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  // Otherwise its line breaks would be copied as spaces.
  area.style.whiteSpace = 'pre'
  // What lies outside an open dialog cannot be selected.
  const place = focused?.closest('dialog') ?? document.body
  place.append(area)
  area.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else copies on a page that is not secure
  const isCopied = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return isCopied
}
