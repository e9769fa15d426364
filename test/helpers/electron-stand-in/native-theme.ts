import { strict } from './strict'

type Source = 'system' | 'light' | 'dark'

let source: Source = 'system'
const listeners: (() => void)[] = []

/** The desktop of the stand-in is light. */
export const nativeTheme = strict('nativeTheme', {
  get themeSource(): Source {
    return source
  },
  set themeSource(value: Source) {
    source = value
    for (const listener of listeners) listener()
  },
  get shouldUseDarkColors(): boolean {
    return source === 'dark'
  },
})

export function onThemeChange(listener: () => void): void {
  listeners.push(listener)
}
