import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { engineLibrariesRoot, installedVariants } from '../../../../app/engine/engine-libraries'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'longlens-libraries-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function addFolder(name: string, files: string[]): void {
  mkdirSync(join(root, name))
  for (const file of files) writeFileSync(join(root, name, file), '')
}

const cpu = [
  'libggml-base.so',
  'libggml.v0.5.0.so',
  'libllama.v0.5.0.so',
  'libggml-cpu-haswell.so',
  'LICENSE',
]
const cuda = [
  'libggml-base.so',
  'libggml.cuda.v0.5.0.so',
  'libllama.cuda.v0.5.0.so',
  'libggml-cpu-haswell.so',
  'libggml-cuda.so',
]

it('gives the libraries in the order in which they must be opened', () => {
  addFolder('linux-x64@3.22.1', cpu)

  expect(installedVariants(root, 'linux-x64')).toEqual([
    {
      variant: 'cpu',
      build: 'linux-x64',
      version: '3.22.1',
      folder: join(root, 'linux-x64@3.22.1'),
      libraries: ['libggml-base.so', 'libggml.v0.5.0.so', 'libllama.v0.5.0.so'].map((file) =>
        join(root, 'linux-x64@3.22.1', file),
      ),
      backends: [],
    },
  ])
})

it('puts the fastest variant first and the second build of one behind it', () => {
  addFolder('linux-x64@3.22.1', cpu)
  addFolder('linux-x64-cuda-ext@3.22.1', cuda)
  addFolder('linux-x64-cuda@3.22.1', cuda)

  const found = installedVariants(root, 'linux-x64')

  expect(found.map(({ variant, build }) => [variant, build])).toEqual([
    ['cuda', 'linux-x64-cuda'],
    ['cuda', 'linux-x64-cuda-ext'],
    ['cpu', 'linux-x64'],
  ])
  expect(found[0]?.backends).toEqual([join(root, 'linux-x64-cuda@3.22.1', 'libggml-cuda.so')])
})

it('leaves out folders that are incomplete, half-fetched, of another platform, or not libraries', () => {
  addFolder(
    'linux-x64@3.22.1',
    cpu.filter((file) => !file.startsWith('libllama')),
  )
  addFolder('linux-x64-vulkan@3.22.1', cpu)
  addFolder('.part-1-linux-x64@3.22.1', cpu)
  addFolder('linux-arm64@3.22.1', cpu)
  addFolder('llama-headers@3.22.1', ['LICENSE'])

  expect(installedVariants(root, 'linux-x64')).toEqual([])
})

it('takes the newest version of one build, by number and not by letter', () => {
  addFolder('linux-x64@3.9.0', cpu)
  addFolder('linux-x64@3.22.1', cpu)

  expect(installedVariants(root, 'linux-x64').map(({ version }) => version)).toEqual(['3.22.1'])
})

it('offers Metal and the CPU from the one package of Apple silicon', () => {
  addFolder('mac-arm64-metal@3.22.1', [
    'libggml-base.dylib',
    'libggml.metal.v0.5.0.dylib',
    'libllama.metal.v0.5.0.dylib',
    'libggml-cpu-apple_m1.so',
    'libggml-metal.so',
  ])

  expect(
    installedVariants(root, 'mac-arm64').map(({ variant, backends }) => [variant, backends.length]),
  ).toEqual([
    ['metal', 1],
    ['cpu', 0],
  ])
})

it('knows the libraries of Windows by their names', () => {
  addFolder('win-x64-vulkan@3.22.1', [
    'ggml-base.dll',
    'ggml.vulkan.v0.5.0.dll',
    'llama.vulkan.v0.5.0.dll',
    'ggml-cpu-x64.dll',
    'ggml-vulkan.dll',
  ])

  expect(installedVariants(root, 'win-x64').map(({ variant }) => variant)).toEqual(['vulkan'])
})

it('finds nothing in a folder that does not exist', () => {
  expect(installedVariants(join(root, 'nowhere'), 'linux-x64')).toEqual([])
})

it('looks in the named folder, then in the packaged application, then in the repository', () => {
  mkdirSync(join(root, 'engine'))
  const appRoot = '/opt/longlens'

  expect(
    engineLibrariesRoot({ appRoot, env: { LONGLENS_ENGINE_LIBRARIES: '/elsewhere' }, resourcesPath: root }),
  ).toBe('/elsewhere')
  expect(engineLibrariesRoot({ appRoot, env: {}, resourcesPath: root })).toBe(join(root, 'engine'))
  expect(engineLibrariesRoot({ appRoot, env: {} })).toBe(join(appRoot, '.cache', 'engine-libraries'))
})
