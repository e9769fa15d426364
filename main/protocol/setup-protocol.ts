import { protocol } from 'electron'
import { answerScheme, type ProtocolParts } from './protocol-handler'
import { SCHEME } from './window-address'

/** Serves page, media and uploads to the windows. Once, after `ready`. */
export function setupProtocol(parts: ProtocolParts): void {
  protocol.handle(SCHEME, (request) => answerScheme(request, parts))
}
