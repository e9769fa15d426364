export { ConversationPanel } from './conversation-panel'
export { QuestionArea } from './question-area'
export { isOpen } from './turn-list'
