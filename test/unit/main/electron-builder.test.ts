import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

// electron-builder's own reading and checking of its configuration; they are not part of its public interface.
interface ConfigModule {
  readonly getConfig: (folder: string, file: string, options: null) => Promise<Record<string, unknown>>
  readonly validateConfiguration: (config: Record<string, unknown>, logger: object) => Promise<void>
}

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const require = createRequire(import.meta.url)
const { getConfig, validateConfiguration } = require('app-builder-lib/out/util/config/config') as ConfigModule
const { DebugLogger } = require('builder-util') as { DebugLogger: new (isEnabled: boolean) => object }

const read = () => getConfig(root, 'electron-builder.yml', null)

it('is a configuration that electron-builder accepts', async () => {
  await expect(validateConfiguration(await read(), new DebugLogger(false))).resolves.toBeUndefined()
})

it('would be refused with a key that electron-builder does not know', async () => {
  const config = { ...(await read()), asarr: true }
  await expect(validateConfiguration(config, new DebugLogger(false))).rejects.toThrow('asarr')
})

it('packs addon, engine libraries, ffmpeg and bundled model beside the archive, for four kinds of installers', async () => {
  const config = await read()

  expect(config).toMatchObject({
    linux: { target: ['AppImage', 'deb'] },
    mac: { target: ['dmg'] },
    win: { target: ['nsis'] },
  })
  const resources = config['extraResources'] as { to: string }[]
  expect(resources.map(({ to }) => to)).toEqual([
    'package.json',
    'models/longlens-tiny',
    'build/native/longlens.node',
    'engine',
    'ffmpeg',
  ])
})

it('closes every way of starting the packaged program as something else', async () => {
  expect((await read())['electronFuses']).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  })
})
