// Runs before the first paint (renderer/shell/use-theme.ts remembers the choice): without it a window that was set to
// light would flash dark. A file of its own, because the content security policy allows no inline scripts.
try {
  const theme = localStorage.getItem('longlens-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be forbidden; then the system's choice is as good.
}
