import { Cpu, Keyboard, PanelLeft, PanelRight, Settings } from 'lucide-react'
import { formatBytes } from '../../../app/domain/format-bytes'
import type { EngineStatus } from '../../../app/contract/status'
import type { ReactNode } from 'react'
import type { SidePanel } from '../../shell/layout-slice'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp, useAppStore } from '../../store/app-context'
import { commandById, shownKeys } from '../shortcuts'
import styles from './status-bar.module.css'

/** Model, where it runs, how much of the context is used, memory; and what to do when the engine does not answer. */
export function StatusBar({ hasPanels }: { readonly hasPanels: boolean }) {
  const engine = useApp((state) => state.engine)
  const connection = useApp((state) => state.connection)
  const isLostForLong = useApp((state) => state.isLostForLong)
  const chosen = useApp((state) => state.models.find((model) => model.chosen)?.description?.name)
  const openModels = useApp((state) => state.openModels)
  return (
    <footer className={styles.bar} aria-label="Status">
      <Button
        look="quiet"
        className={styles.model}
        title="Models (M)"
        icon={<Cpu size={16} aria-hidden />}
        onClick={openModels}
      >
        {engine?.model || chosen || 'Models'}
      </Button>
      {connection === 'lost' && (
        <span className={styles.lost} role="alert">
          The connection to Longlens was lost. Trying again…
          {/* Each start has an address of its own: the one of this page is refused for ever then. */}
          {isLostForLong && ' If Longlens was started again, open the address that it printed.'}
        </span>
      )}
      {engine !== null && <EngineFacts engine={engine} />}
      <span className={styles.end}>
        {hasPanels && (
          <>
            <PanelButton side="library" icon={<PanelLeft size={16} aria-hidden />} />
            <PanelButton side="conversation" icon={<PanelRight size={16} aria-hidden />} />
          </>
        )}
        <CommandButton id="program.keys" icon={<Keyboard size={16} aria-hidden />} />
        <CommandButton id="program.settings" icon={<Settings size={16} aria-hidden />} />
      </span>
    </footer>
  )
}

interface CommandButtonProps {
  readonly id: string
  readonly icon: ReactNode
  readonly isPressed?: boolean
}

function CommandButton({ id, icon, isPressed }: CommandButtonProps) {
  const store = useAppStore()
  const { title, keys, run } = commandById(id)
  return (
    <IconButton
      label={title}
      shortcut={shownKeys(keys[0] ?? '')}
      icon={icon}
      aria-pressed={isPressed}
      onClick={() => {
        run(store)
      }}
    />
  )
}

function PanelButton({ side, icon }: { readonly side: SidePanel; readonly icon: ReactNode }) {
  const isShown = useApp((state) => state.shownPanels[side])
  return <CommandButton id={`program.${side}`} icon={icon} isPressed={isShown} />
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
  const frames = `${usedFrames.toLocaleString('en')} ${usedFrames === 1 ? 'frame' : 'frames'}`
  return [
    ...(usedFrames > 0 ? [frames] : []),
    `${usedTokens.toLocaleString('en')} of ${contextTokens.toLocaleString('en')} tokens`,
    formatBytes(memoryBytes),
  ]
}
