export { ConversationPanel } from './conversation-panel'
export { isOpen } from './conversation-slice'
