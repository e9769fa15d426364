// `npm start [files…]`: sets up what is missing, then opens Longlens in Electron, or in the browser where Electron's
// program cannot be had. `--no-open` and `--port P` are for the browser, and ask for it.
import { ensure } from './ensure.mjs'
import { findElectron } from './lib/electron-binary.mjs'
import { say, tellFailure } from './lib/messages.mjs'
import { root } from './lib/paths.mjs'
import { runAsChild, startProgram, typedIn } from './lib/start-program.mjs'

const args = process.argv.slice(2)
const wantsBrowser = args.some((arg) => arg === '--no-open' || arg === '--port' || arg.startsWith('--port='))

try {
  await ensure()
  const electron = await findElectron()
  if ('program' in electron && !wantsBrowser) {
    runAsChild(electron.program, [root, ...args], typedIn())
  } else {
    if ('reason' in electron) say(`Electron is not used (${electron.reason}); Longlens opens in the browser.`)
    const flags = args.filter((arg) => arg !== '--no-open')
    await startProgram(['serve', ...(args.includes('--no-open') ? [] : ['--open']), ...flags])
  }
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
