export { commandById } from './commands'
export { shownKeys } from './match-keys'
export { useMenuCommands } from './use-menu-commands'
export { useShortcuts } from './use-shortcuts'
