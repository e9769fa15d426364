import { nativeTheme } from 'electron'
import type { Services } from '../../app/host/services'

/** Title bar, menus and dialogs follow the theme that the person chose for the window. */
export function setupTheme({ settings, changes }: Pick<Services, 'settings' | 'changes'>): void {
  const apply = (): void => {
    nativeTheme.themeSource = settings.get().theme
  }
  apply()
  changes.subscribe(({ kind }) => {
    if (kind === 'settings') apply()
  })
}
