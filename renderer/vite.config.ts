import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The window's bundle: served from the file system by Electron's protocol handler and by the web host.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../build/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    sourcemap: true,
    // The content security policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
  },
})
