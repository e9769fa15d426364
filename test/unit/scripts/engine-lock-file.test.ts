import { expect, it } from 'vitest'
import { enginePlatform } from '../../../app/engine/engine-libraries'
import {
  platformName,
  readEngineLock,
  variantsFromEnvironment,
  wantedPackages,
} from '../../../scripts/lib/engine-lock-file.mjs'

const lock = readEngineLock()

it('lists every platform with its variants', () => {
  const variants = Object.entries(lock.platforms).map(([platform, offered]) => [
    platform,
    Object.keys(offered),
  ])

  expect(Object.fromEntries(variants)).toEqual({
    'linux-x64': ['cpu', 'cuda', 'cuda-ext', 'vulkan'],
    'linux-arm64': ['cpu'],
    'mac-arm64': ['metal'],
    'mac-x64': ['cpu'],
    'win-x64': ['cpu', 'cuda', 'cuda-ext', 'vulkan'],
    'win-arm64': ['cpu'],
  })
})

it('pins every package to one exact version, and by a SHA-512 hash wherever one is recorded', () => {
  const packages = [
    lock.headers,
    ...Object.values(lock.platforms).flatMap((offered) => Object.values(offered)),
  ]

  expect(new Set(packages.map(({ version }) => version))).toEqual(new Set(['3.22.1']))
  expect(new Set(packages.map(({ name }) => name)).size).toBe(packages.length)
  for (const { integrity } of packages) {
    if (integrity !== null) expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
  }
})

it('has a hash for the headers and for every package of Linux', () => {
  const linux = ['linux-x64', 'linux-arm64'].flatMap((platform) =>
    Object.values(lock.platforms[platform] ?? {}),
  )

  expect([lock.headers, ...linux].filter(({ integrity }) => integrity === null)).toEqual([])
})

it('wants the CPU libraries and the headers when nothing else is asked for', () => {
  expect(wantedPackages(lock, 'linux-x64', []).map(({ kind, folder }) => [kind, folder])).toEqual([
    ['libraries', 'linux-x64@3.22.1'],
    ['headers', 'llama-headers@3.22.1'],
  ])
})

it('adds a variant that was asked for, once', () => {
  const folders = wantedPackages(lock, 'linux-x64', ['vulkan', 'cpu', 'vulkan']).map(({ folder }) => folder)

  expect(folders).toEqual(['linux-x64@3.22.1', 'linux-x64-vulkan@3.22.1', 'llama-headers@3.22.1'])
})

it('takes the Metal package as the one that always comes on Apple silicon', () => {
  const folders = wantedPackages(lock, 'mac-arm64', ['cpu']).map(({ folder }) => folder)

  expect(folders).toEqual(['mac-arm64-metal@3.22.1', 'llama-headers@3.22.1'])
})

it('refuses a platform without packages and names those that have some', () => {
  expect(() => wantedPackages(lock, 'freebsd-x64', [])).toThrow(
    'There are no engine libraries for this platform, freebsd-x64.\n' +
      'Supported are: linux-x64, linux-arm64, mac-arm64, mac-x64, win-x64, win-arm64.',
  )
})

it('refuses an unknown variant and names those of the platform', () => {
  expect(() => wantedPackages(lock, 'linux-x64', ['opencl'])).toThrow(
    'There is no engine variant "opencl" for linux-x64.\nChoose among: cpu, cuda, cuda-ext, vulkan.',
  )
})

it('reads variants from the environment, by comma or blank', () => {
  expect(variantsFromEnvironment({ LONGLENS_ENGINE_VARIANTS: 'vulkan, cuda' })).toEqual(['vulkan', 'cuda'])
  expect(variantsFromEnvironment({})).toEqual([])
})

it.each([
  ['linux', 'x64', 'linux-x64'],
  ['darwin', 'arm64', 'mac-arm64'],
  ['win32', 'x64', 'win-x64'],
] as const)('names %s on %s as the engine does: %s', (platform, arch, name) => {
  expect(platformName(platform, arch)).toBe(name)
  expect(enginePlatform(platform, arch)).toBe(name)
})
