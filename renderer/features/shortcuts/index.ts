export { commandById } from './commands'
export { shownKeys } from './match-keys'
export { useShortcuts } from './use-shortcuts'
