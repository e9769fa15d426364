import type { ConnectionState } from '../../shared/client/app-client'
import type { SliceCreator } from '../../store/slice'

export interface ConnectionSlice {
  readonly connection: ConnectionState
  setConnection(state: ConnectionState): void
}

export const createConnectionSlice: SliceCreator<ConnectionSlice> = () => (set) => ({
  connection: 'connecting',
  setConnection: (connection) => {
    set({ connection }, false, 'connection/set')
  },
})
