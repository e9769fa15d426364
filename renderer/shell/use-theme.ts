import { useEffect } from 'react'
import { useMediaQuery } from '../shared/use-media-query'
import { useApp } from '../store/app-context'

/** Dark or light as the person chose, or as the system is. */
export function useTheme(): void {
  const choice = useApp((state) => state.settings?.theme ?? 'system')
  const isSystemLight = useMediaQuery('(prefers-color-scheme: light)')
  const theme = choice === 'system' ? (isSystemLight ? 'light' : 'dark') : choice
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
}
