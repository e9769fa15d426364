import { Cpu, Keyboard, Settings } from 'lucide-react'
import { formatBytes } from '../../../app/domain/format-bytes'
import type { EngineStatus } from '../../../app/contract/status'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { commandById, shownKeys } from '../shortcuts'
import styles from './status-bar.module.css'

/** Model, where it runs, how much of the context is used, memory; and what to do when the engine does not answer. */
export function StatusBar() {
  const engine = useApp((state) => state.engine)
  const connection = useApp((state) => state.connection)
  const openModels = useApp((state) => state.openModels)
  const openSettings = useApp((state) => state.openSettings)
  const openShortcuts = useApp((state) => state.openShortcuts)
  return (
    <footer className={styles.bar} aria-label="Status">
      <Button look="quiet" className={styles.model} icon={<Cpu size={16} aria-hidden />} onClick={openModels}>
        {engine?.model === '' || engine === null ? 'Models' : engine.model}
      </Button>
      {connection === 'lost' && (
        <span className={styles.lost} role="alert">
          The connection to Longlens was lost. Trying again…
        </span>
      )}
      {engine !== null && <EngineFacts engine={engine} />}
      <span className={styles.end}>
        <IconButton
          label="Keys"
          shortcut={shownKeys(commandById('program.keys').keys[0] ?? '')}
          icon={<Keyboard size={16} aria-hidden />}
          onClick={openShortcuts}
        />
        <IconButton
          label="Settings"
          shortcut={shownKeys(commandById('program.settings').keys[0] ?? '')}
          icon={<Settings size={16} aria-hidden />}
          onClick={openSettings}
        />
      </span>
    </footer>
  )
}

const stateWords: Partial<Record<EngineStatus['state'], string>> = {
  starting: 'Engine starting',
  restarting: 'Engine restarting',
  unresponsive: 'The engine does not answer',
  failed: 'The engine stopped',
}

function EngineFacts({ engine }: { readonly engine: EngineStatus }) {
  const restart = useApp((state) => state.restartEngine)
  const words = stateWords[engine.state]
  if (words !== undefined) {
    const needsHelp = engine.state === 'unresponsive' || engine.state === 'failed'
    return (
      <span className={needsHelp ? styles.lost : styles.facts}>
        {words}
        {needsHelp && (
          <Button look="quiet" onClick={() => void restart()}>
            Restart the engine
          </Button>
        )}
      </span>
    )
  }
  return (
    <span className={styles.facts}>
      {[engine.placement, ...usageWords(engine)].filter((fact) => fact !== '').join(' · ')}
    </span>
  )
}

function usageWords({ usedFrames, usedTokens, contextTokens, memoryBytes }: EngineStatus): string[] {
  if (contextTokens === 0) return []
  return [
    `${usedFrames.toLocaleString('en')} frames`,
    `${usedTokens.toLocaleString('en')} of ${contextTokens.toLocaleString('en')} tokens`,
    formatBytes(memoryBytes),
  ]
}
