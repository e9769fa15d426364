import { app, clipboard, dialog } from 'electron'
import { release } from 'node:os'
import process from 'node:process'
import type { EngineControl } from '../../app/engine/engine-client-types'
import type { Folders } from '../../app/services/folders'
import { keepProcessorBusy } from './keep-processor-busy'
import type { MenuActions } from './menu-template'

/** Longer than the supervisor's patience, so that the window shows what a hanging engine looks like. */
const HANG_SECONDS = 30
/** Long enough to see a question slow down and its time left grow. */
const STARVE_SECONDS = 30
/** What a message box shows without growing out of the display; Copy takes everything. */
const SHOWN_LINES = 25

export interface DeveloperParts {
  readonly engine: EngineControl
  readonly folders: Folders
}

type DeveloperActions = Pick<
  MenuActions,
  'crashEngine' | 'hangEngine' | 'starveEngine' | 'restartEngine' | 'showLogs' | 'copyDiagnostics'
>

/** The Developer menu: what is hard to make happen on purpose, and what a bug report needs. */
export function developerActions(parts: DeveloperParts): DeveloperActions {
  const { engine } = parts
  // These calls reject because the engine dies or was not running; the status line shows what became of it.
  const ignoreEnd = (call: Promise<unknown>): void => {
    call.catch(() => undefined)
  }
  return {
    crashEngine: () => {
      ignoreEnd(engine.developer.crash())
    },
    hangEngine: () => {
      ignoreEnd(engine.developer.hang(HANG_SECONDS))
    },
    starveEngine: () => {
      void keepProcessorBusy(STARVE_SECONDS)
    },
    restartEngine: () => {
      ignoreEnd(engine.restart())
    },
    showLogs: () => {
      void showLogs(engine)
    },
    copyDiagnostics: () => {
      void clipboard.writeText(JSON.stringify(diagnostics(parts), null, 2))
    },
  }
}

async function showLogs(engine: EngineControl): Promise<void> {
  const lines = engine.stderrTail()
  const shown = lines.slice(-SHOWN_LINES).join('\n')
  const { response } = await dialog.showMessageBox({
    type: 'info',
    message: `The engine's last ${lines.length} lines`,
    detail: shown === '' ? 'The engine has said nothing yet.' : shown,
    buttons: ['Close', 'Copy All'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 1) await clipboard.writeText(lines.join('\n'))
}

/** Versions, folders and the engine's words: no names of media, no questions, no answers. */
export function diagnostics({ engine, folders }: DeveloperParts) {
  return {
    longlens: app.getVersion(),
    versions: {
      electron: process.versions['electron'],
      chrome: process.versions['chrome'],
      node: process.versions.node,
    },
    system: { platform: process.platform, arch: process.arch, release: release() },
    isPackaged: app.isPackaged,
    folders,
    engine: { ...engine.status(), stderr: engine.stderrTail() },
  }
}
