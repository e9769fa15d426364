import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { VariantLibraries } from './engine-binding'
import type { EngineVariant } from './engine-client-types'

/** One set of prebuilt llama.cpp and ggml libraries on this machine's disk, complete enough to be tried. */
export interface InstalledVariant extends VariantLibraries {
  readonly variant: EngineVariant
  /** Folder name without the version, e.g. `linux-x64-cuda-ext`: tells two builds of one variant apart. */
  readonly build: string
  /** Version of the registry package, e.g. `3.22.1`. */
  readonly version: string
}

/** Where libraries may lie. Everything defaults to the running process. */
export interface LibraryPlaces {
  /** Folder of the repository, or of the unpacked application. */
  readonly appRoot: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Electron's resources folder, when there is one. */
  readonly resourcesPath?: string | undefined
}

/** Shared libraries carry these endings; macOS backends end in `.so` like those of Linux. */
const ENDING = String.raw`\.(?:so|dylib|dll)$`
const BASE = new RegExp(`^(?:lib)?ggml-base${ENDING}`)
const GGML = new RegExp(String.raw`^(?:lib)?ggml(?:\.[a-z]+)?\.v[\d.]+${ENDING}`)
const LLAMA = new RegExp(String.raw`^(?:lib)?llama(?:\.[a-z]+)?\.v[\d.]+${ENDING}`)
const CPU_BACKEND = new RegExp(`^(?:lib)?ggml-cpu(?:-[\\w.]+)?${ENDING}`)

/** `<platform>-<cpu>[-<variant>]@<version>`, the way the set-up names the folders. */
const FOLDER = /^((?:linux|mac|win)-(?:x64|arm64))(?:-(cuda|cuda-ext|vulkan|metal))?@(\d+(?:\.\d+)*)$/

/** Which builds are tried first: the fastest that may work, then what always works. */
const PREFERENCE = ['cuda', 'cuda-ext', 'metal', 'vulkan', 'cpu']

/**
 * The platform name of the prebuilt packages, e.g. `linux-x64` or `mac-arm64`.
 * Platforms without packages get a name too; nothing will be found under it.
 */
export function enginePlatform(platform: string = process.platform, arch: string = process.arch): string {
  const names: Readonly<Record<string, string>> = { darwin: 'mac', win32: 'win' }
  return `${names[platform] ?? platform}-${arch}`
}

/**
 * The folder that holds one subfolder for each set of libraries: `LONGLENS_ENGINE_LIBRARIES`, then the packaged
 * application's `resources/engine`, then the repository's cache. The folder need not exist.
 */
export function engineLibrariesRoot(places: LibraryPlaces): string {
  const named = (places.env ?? process.env)['LONGLENS_ENGINE_LIBRARIES']
  if (named !== undefined && named !== '') return named
  const resources = places.resourcesPath ?? (process as { resourcesPath?: string }).resourcesPath
  if (resources !== undefined) {
    const packaged = join(resources, 'engine')
    if (existsSync(packaged)) return packaged
  }
  return join(places.appRoot, '.cache', 'engine-libraries')
}

/**
 * Every variant under `root` that is complete and made for `platform`, best first; of one build only the newest
 * version. Unknown and incomplete folders are left out. Nothing is loaded: whether a variant suits the machine is
 * for a probe in a throw-away process to find out.
 */
export function installedVariants(root: string, platform: string = enginePlatform()): InstalledVariant[] {
  const newest = new Map<string, InstalledVariant>()
  for (const name of listFolder(root)) {
    for (const found of readVariant(root, name, platform)) {
      const key = `${found.variant} ${found.build}`
      const known = newest.get(key)
      if (known === undefined || compareVersions(found.version, known.version) > 0) newest.set(key, found)
    }
  }
  return [...newest.values()].sort((a, b) => rank(a) - rank(b))
}

/** A Metal folder serves twice: the same libraries run on the CPU when no layer is offloaded. */
function readVariant(root: string, name: string, platform: string): InstalledVariant[] {
  const match = FOLDER.exec(name)
  if (match?.[1] !== platform) return []
  const [, , suffix = 'cpu', version = ''] = match
  const folder = join(root, name)
  const files = listFolder(folder)
  const libraries = [BASE, GGML, LLAMA].map((pattern) => files.find((file) => pattern.test(file)))
  if (libraries.includes(undefined) || !files.some((file) => CPU_BACKEND.test(file))) return []

  const variant = suffix.replace('-ext', '') as EngineVariant
  const backends = files.filter((file) => new RegExp(`^(?:lib)?ggml-${variant}${ENDING}`).test(file))
  if (variant !== 'cpu' && backends.length === 0) return []
  const common = {
    build: name.slice(0, name.indexOf('@')),
    version,
    folder,
    libraries: libraries.map((file) => join(folder, file ?? '')),
  }
  const found: InstalledVariant = {
    variant,
    ...common,
    backends: variant === 'cpu' ? [] : backends.map((file) => join(folder, file)),
  }
  return variant === 'metal' ? [found, { variant: 'cpu', ...common, backends: [] }] : [found]
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // A folder that is not there, or is a file, has no libraries: that is the answer, not a failure.
    return []
  }
}

function rank(found: InstalledVariant): number {
  const suffix = found.variant === 'cuda' && found.build.endsWith('-ext') ? 'cuda-ext' : found.variant
  return PREFERENCE.indexOf(suffix)
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
