import { useEffect } from 'react'
import { useApp } from '../store/app-context'

/** Dark or light as the person chose; remembered for public/theme.js, which sets it before the first paint. */
export function useTheme(): void {
  const choice = useApp((state) => state.settings?.theme)
  useEffect(() => {
    if (choice === undefined) return
    if (choice === 'system') {
      delete document.documentElement.dataset['theme']
      localStorage.removeItem('longlens-theme')
    } else {
      document.documentElement.dataset['theme'] = choice
      localStorage.setItem('longlens-theme', choice)
    }
  }, [choice])
}
