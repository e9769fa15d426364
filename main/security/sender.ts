import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import { isWindowPage } from '../protocol/window-address'

/** Whether a message comes from the top frame of a window that shows our page, and not from anything inside it. */
export function isFromWindow(
  event: Pick<IpcMainEvent | IpcMainInvokeEvent, 'senderFrame' | 'sender'>,
): boolean {
  const frame = event.senderFrame
  // null: the frame navigated away or was destroyed since.
  return frame !== null && frame.parent === null && isWindowPage(frame.url)
}
