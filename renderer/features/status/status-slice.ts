import type { EngineStatus } from '../../../app/contract/status'
import { failureOf } from '../../shared/client/failure'
import type { KeptFailure } from '../../../app/contract/error-map'
import type { SliceCreator } from '../../store/slice'

export interface StatusSlice {
  /** null until asked for. */
  readonly engine: EngineStatus | null
  readonly engineFailure: KeptFailure | null
  loadEngineStatus(): Promise<void>
  showEngineStatus(status: EngineStatus): void
  restartEngine(): Promise<void>
}

export const createStatusSlice: SliceCreator<StatusSlice> =
  ({ client }) =>
  (set) => ({
    engine: null,
    engineFailure: null,
    loadEngineStatus: async () => {
      try {
        set({ engine: await client.status.engine(), engineFailure: null }, false, 'status/load')
      } catch (thrown) {
        set({ engineFailure: failureOf(thrown) }, false, 'status/fail')
      }
    },
    showEngineStatus: (engine) => {
      set({ engine }, false, 'status/show')
    },
    restartEngine: async () => {
      try {
        await client.status.restartEngine()
        set({ engineFailure: null }, false, 'status/restart')
      } catch (thrown) {
        set({ engineFailure: failureOf(thrown) }, false, 'status/fail')
      }
    },
  })
