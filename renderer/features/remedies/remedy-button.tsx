import type { KeptFailure } from '../../../app/contract/error-map'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { remedyFor } from './remedies'

interface RemedyButtonProps {
  readonly failure: KeptFailure
  /** Does again what failed. */
  readonly retry: () => Promise<void>
  /** What doing it again is called here. */
  readonly retryLabel?: string
}

/** The one button that does what the failure's remedy says. */
export function RemedyButton({ failure, retry, retryLabel = 'Try again' }: RemedyButtonProps) {
  const openModels = useApp((state) => state.openModels)
  const openSettings = useApp((state) => state.openSettings)
  const changeSettings = useApp((state) => state.changeSettings)
  const restartEngine = useApp((state) => state.restartEngine)
  const remedy = remedyFor(failure)
  const again = (
    <Button look={remedy.kind === 'retry' ? 'primary' : 'plain'} onClick={() => void retry()}>
      {retryLabel}
    </Button>
  )
  switch (remedy.kind) {
    case 'retry':
      return again
    case 'useFrames':
      return (
        <Button look="primary" onClick={() => void changeSettings({ maxFrames: remedy.frames }).then(retry)}>
          Use {remedy.frames.toLocaleString('en')} {remedy.frames === 1 ? 'frame' : 'frames'}
        </Button>
      )
    case 'chooseModel':
      return (
        <>
          <Button look="primary" onClick={openModels}>
            Choose a model
          </Button>
          {again}
        </>
      )
    case 'openSettings':
      return (
        <>
          <Button look="primary" onClick={openSettings}>
            Open the settings
          </Button>
          {again}
        </>
      )
    case 'restartEngine':
      return (
        <Button look="primary" onClick={() => void restartEngine().then(retry)}>
          Restart the engine
        </Button>
      )
  }
}
