const KEY = 'longlens-open-item'

/** What this browser showed last: reloading and reopening go on with it. */
export function rememberOpenItem(id: string): void {
  localStorage.setItem(KEY, id)
}

export function rememberedItem(): string | null {
  return localStorage.getItem(KEY)
}
