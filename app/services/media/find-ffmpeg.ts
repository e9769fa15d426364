import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, resolve } from 'node:path'
import { AppError } from '../../contract/errors'
import { ToolRun } from './tool-run'

export interface FfmpegTool {
  readonly path: string
  /** As it names itself, e.g. `5.1.9-0+deb12u1`. */
  readonly version: string
}

export type FfmpegRule = 'LONGLENS_FFMPEG' | 'packaged' | 'PATH' | 'npm'

export interface FfmpegTools {
  readonly ffmpeg: FfmpegTool
  /** null: videos are probed with ffmpeg itself, which is slower for long ones. */
  readonly ffprobe: FfmpegTool | null
  /** Which of the places it was found in (DESIGN, "Media"). */
  readonly rule: FfmpegRule
  /** What a person should know about this choice; empty if nothing. */
  readonly warnings: readonly string[]
}

export interface FindFfmpegOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The packaged program's resources folder; ffmpeg lies in `ffmpeg/` below it. */
  readonly resourcesPath?: string | undefined
  /** Path of the npm package's ffmpeg, or null; replaced in tests. */
  readonly npmFfmpeg?: () => string | null
}

const suffix = process.platform === 'win32' ? '.exe' : ''
const VERSION_SECONDS = 20

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** A program's own word for its version, or null if it does not run. */
async function versionOf(path: string): Promise<string | null> {
  const run = new ToolRun(['-version'], { program: path, file: path, idleSeconds: VERSION_SECONDS })
  try {
    const version = /^ff(?:mpeg|probe) version (\S+)/.exec(await run.text())?.[1]
    return version ?? null
  } catch {
    return null
  }
}

async function toolAt(path: string): Promise<FfmpegTool | null> {
  if (!(await isExecutable(path))) return null
  const version = await versionOf(path)
  return version === null ? null : { path, version }
}

async function inPath(name: string, env: FindFfmpegOptions['env']): Promise<FfmpegTool | null> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders) {
    const found = await toolAt(resolve(folder, name + suffix))
    if (found !== null) return found
  }
  return null
}

/** The npm package throws on platforms that it has no program for. */
function installedNpmFfmpeg(): string | null {
  try {
    const found: unknown = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg')
    if (typeof found !== 'object' || found === null || !('path' in found)) return null
    return typeof found.path === 'string' ? found.path : null
  } catch {
    return null
  }
}

async function chosenByPerson(path: string): Promise<FfmpegTool> {
  const absolute = resolve(path)
  const folder = await stat(absolute).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  const tool = await toolAt(folder ? join(absolute, `ffmpeg${suffix}`) : absolute)
  if (tool !== null) return tool
  throw new AppError('ffmpeg_missing', `expected LONGLENS_FFMPEG to name an ffmpeg that runs, got ${path}`, {
    reason: `LONGLENS_FFMPEG is set to "${path}", which is not an ffmpeg that runs`,
  })
}

async function findFirst(options: FindFfmpegOptions): Promise<{ tool: FfmpegTool; rule: FfmpegRule }> {
  const { env, resourcesPath } = options
  const chosen = env['LONGLENS_FFMPEG'] ?? ''
  // Somebody who names one wants that one: falling through to another would hide the mistake.
  if (chosen !== '') return { tool: await chosenByPerson(chosen), rule: 'LONGLENS_FFMPEG' }
  if (resourcesPath !== undefined) {
    const packaged = await toolAt(join(resourcesPath, 'ffmpeg', `ffmpeg${suffix}`))
    if (packaged !== null) return { tool: packaged, rule: 'packaged' }
  }
  const onPath = await inPath('ffmpeg', env)
  if (onPath !== null) return { tool: onPath, rule: 'PATH' }
  const npmPath = (options.npmFfmpeg ?? installedNpmFfmpeg)()
  const npm = npmPath === null ? null : await toolAt(npmPath)
  if (npm !== null) return { tool: npm, rule: 'npm' }
  throw new AppError('ffmpeg_missing', 'no ffmpeg in LONGLENS_FFMPEG, the package, PATH or npm', {
    reason: 'none was found on this machine',
  })
}

/**
 * Finds ffmpeg and ffprobe: LONGLENS_FFMPEG (a file or its folder), the packaged one, PATH, the npm fallback. ffprobe is
 * the one beside ffmpeg, else the one in PATH.
 * throws: ffmpeg_missing.
 */
export async function findFfmpeg(options: FindFfmpegOptions): Promise<FfmpegTools> {
  const { tool, rule } = await findFirst(options)
  const ffprobe =
    (await toolAt(join(dirname(tool.path), `ffprobe${suffix}`))) ?? (await inPath('ffprobe', options.env))
  const warnings: string[] = []
  if (rule === 'npm') {
    warnings.push(`This ffmpeg is an old one (${tool.version}); install a current one for newer formats.`)
  }
  if (ffprobe === null) warnings.push('ffprobe was not found; long videos take longer to open without it.')
  return { ffmpeg: tool, ffprobe, rule, warnings }
}
