/** What Electron's preload script puts on the window; absent in a browser. */
export interface DesktopBridge {
  /** Where a dropped file lies; empty for a file that has no place on disk. */
  pathForFile(file: File): string
  /** Native dialogs; empty when the person cancels. */
  chooseFiles(): Promise<string[]>
  chooseFolder(): Promise<string[]>
}

declare global {
  interface Window {
    readonly longlens?: DesktopBridge
  }
}

export function desktopBridge(): DesktopBridge | undefined {
  return window.longlens
}
