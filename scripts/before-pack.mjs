// Runs inside electron-builder, before each platform is packed: puts ffmpeg and package.json where electron-builder.yml
// takes them from, and refuses a package whose addon could not run.
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { say, SetupError } from './lib/messages.mjs'
import { inRoot } from './lib/paths.mjs'

/** builder-util's numbers for processors. */
const ARCHES = /** @type {Record<number, string>} */ ({ 1: 'x64', 3: 'arm64' })
const SYSTEMS = /** @type {Record<string, string>} */ ({ darwin: 'mac', win32: 'win', linux: 'linux' })

/** @param {{ electronPlatformName: string, arch: number }} context */
export async function beforePack({ electronPlatformName, arch }) {
  const archName = ARCHES[arch] ?? String(arch)
  if (electronPlatformName !== process.platform || archName !== process.arch) {
    throw new SetupError(
      `The engine's addon was built for ${process.platform} ${process.arch}, not for ${electronPlatformName} ${archName}.`,
      'Package on the system that the installer is for.',
    )
  }
  const target = inRoot('.cache', 'package', `ffmpeg-${SYSTEMS[electronPlatformName] ?? ''}-${archName}`)
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await copyFile(inRoot('package.json'), inRoot('.cache', 'package', 'package.json'))
  const suffix = process.platform === 'win32' ? '.exe' : ''
  for (const [name, source] of Object.entries(tools(suffix))) {
    const file = join(target, `${name}${suffix}`)
    await copyFile(source, file)
    await chmod(file, 0o755)
  }
}

/**
 * Programs to pack, by name. `LONGLENS_PACKAGE_FFMPEG` names a folder with ffmpeg and ffprobe that run without other
 * libraries; without it the npm package's old ffmpeg is taken, which comes alone.
 */
function tools(/** @type {string} */ suffix, env = process.env) {
  const folder = env.LONGLENS_PACKAGE_FFMPEG
  if (folder === undefined || folder === '') {
    say('packing the old ffmpeg of npm, without ffprobe; set LONGLENS_PACKAGE_FFMPEG for a release')
    const require = createRequire(import.meta.url)
    /** @type {unknown} */
    const installer = require('@ffmpeg-installer/ffmpeg')
    return { ffmpeg: /** @type {{ path: string }} */ (installer).path }
  }
  const found = { ffmpeg: join(folder, `ffmpeg${suffix}`), ffprobe: join(folder, `ffprobe${suffix}`) }
  for (const file of Object.values(found)) {
    if (!existsSync(file)) throw new SetupError(`LONGLENS_PACKAGE_FFMPEG names a folder without ${file}.`)
  }
  return found
}
