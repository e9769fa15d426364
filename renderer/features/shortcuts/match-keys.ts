import type { AppState } from '../../store/create-app-store'
import { commands, type Command } from './commands'

/** The parts of a keyboard event that decide. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** Keys that already carry Shift on many keyboards: Shift is not asked about. */
const SYMBOL = /^[^\p{L}\p{N}]$/u

/** Whether a press is the given shortcut, e.g. `Mod+N`. */
export function isShortcut(press: KeyPress, keys: string): boolean {
  const parts = keys.split('+')
  const name = parts.at(-1) ?? ''
  const key = name === 'Space' ? ' ' : name
  if (press.key.toLowerCase() !== key.toLowerCase()) return false
  if (parts.includes('Mod') !== (press.ctrlKey || press.metaKey)) return false
  if (parts.includes('Alt') !== press.altKey) return false
  return (SYMBOL.test(key) && key !== ' ') || parts.includes('Shift') === press.shiftKey
}

/** The first command of these keys that can be done now; single letters do nothing while somebody types. */
export function commandFor(press: KeyPress, isTyping: boolean, state: AppState): Command | undefined {
  return commands.find(
    (command) =>
      (!isTyping || command.whileTyping === true) &&
      command.keys.some((keys) => isShortcut(press, keys)) &&
      command.isEnabled?.(state) !== false,
  )
}

/** What has a key of its own, as `closest` finds it; null for keys that belong to nothing on the page. */
function usersOf(key: string): string | null {
  if (key === ' ') return 'button, a[href], summary, [role="slider"]'
  if (key.startsWith('Page')) return '[role="slider"], [data-uses-page-keys]'
  if (/^(Arrow|Home|End)/.test(key))
    return '[role="slider"], [role="separator"], [role="tablist"], [data-uses-arrows]'
  return null
}

/** A focused button answers Space itself, a focused slider the arrows, what scrolls the keys for pages. */
export function usesKeyItself(target: Pick<Element, 'closest'>, key: string): boolean {
  const users = usersOf(key)
  return users !== null && target.closest(users) !== null
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)
const signs: Record<string, string> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
}

/** Keys as people read them, e.g. "Ctrl+N". */
export function shownKeys(keys: string): string {
  return keys
    .split('+')
    .map((part) => signs[part] ?? part)
    .join('+')
}
