export { commandById } from './commands'
export { shownKeys } from './match-keys'
export { ShortcutsDialog } from './shortcuts-dialog'
export { useShortcuts } from './use-shortcuts'
