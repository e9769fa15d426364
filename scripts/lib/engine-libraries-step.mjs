import {
  headersFolder,
  platformName,
  readEngineLock,
  variantsFromEnvironment,
  wantedPackages,
} from './engine-lock-file.mjs'
import { isInstalledPackage } from './engine-packages.mjs'
import { SetupError } from './messages.mjs'
import { inRoot, librariesRoot, node24 } from './paths.mjs'
import { runCommand } from './run-command.mjs'
import { join } from 'node:path'

/** Step 2: llama.cpp's prebuilt libraries for this platform, and its headers. */
export const engineLibraries = {
  isFresh: () =>
    wantedPackages(readEngineLock(), platformName(), variantsFromEnvironment()).every((wanted) =>
      isInstalledPackage(librariesRoot, wanted),
    ),
  run: () => installEngineLibraries([]),
}

/** Fetches what is missing, with further variants than the standard one. The caller holds the set-up lock. */
export async function installEngineLibraries(/** @type {string[]} */ variants) {
  const script = inRoot('scripts', 'engine-libraries.mjs')
  const { code } = await runCommand(node24, [script, 'install', ...variants], { show: true })
  if (code !== 0) throw new SetupError('The engine libraries are not complete, so nothing was started.')
}

/** llama.cpp's include folders, for the compiler. */
export function headerFolders() {
  const headers = join(librariesRoot, headersFolder(readEngineLock()))
  return [join(headers, 'include'), join(headers, 'ggml', 'include'), join(headers, 'ggml', 'src')]
}
