import { chat } from './chat'
import { library } from './library'
import { models } from './models'
import { settings } from './settings'
import { status } from './status'

/** Everything that a window may ask of the services. Served over a MessagePort (Electron) and a WebSocket (web). */
export const contract = { library, chat, models, settings, status }
export type Contract = typeof contract
