import type { ConnectionState } from '../../shared/client/app-client'
import type { SliceCreator } from '../../store/slice'

/** By then it was tried several times: the program is not just being started. */
const LONG_MS = 10_000

export interface ConnectionSlice {
  readonly connection: ConnectionState
  /** The connection has not come back by itself, and may not. */
  readonly isLostForLong: boolean
  setConnection(state: ConnectionState): void
}

export const createConnectionSlice: SliceCreator<ConnectionSlice> = () => (set) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    connection: 'connecting',
    isLostForLong: false,
    setConnection: (connection) => {
      clearTimeout(timer)
      set({ connection, isLostForLong: false }, false, 'connection/set')
      if (connection !== 'lost') return
      timer = setTimeout(() => {
        set({ isLostForLong: true }, false, 'connection/lostForLong')
      }, LONG_MS)
    },
  }
}
