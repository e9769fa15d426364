import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

// electron-builder's own reading and checking of its configuration; they are not part of its public interface.
interface ConfigModule {
  readonly getConfig: (folder: string, file: string, options: null) => Promise<Record<string, unknown>>
  readonly validateConfiguration: (config: Record<string, unknown>, logger: object) => Promise<void>
}

// Where electron-builder decides what a deb says of itself.
interface FpmModule {
  readonly default: {
    readonly prototype: { readonly computeFpmMetaInfoOptions: (this: object) => Promise<object> }
  }
}

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const require = createRequire(import.meta.url)
const { getConfig, validateConfiguration } = require('app-builder-lib/out/util/config/config') as ConfigModule
const { default: FpmTarget } = require('app-builder-lib/out/targets/FpmTarget') as FpmModule
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

it('tells a deb its home page and whom to write to', async () => {
  const config = await read()
  const { homepage } = config['extraMetadata'] as { homepage: string }
  const packager = {
    appInfo: { computePackageUrl: () => Promise.resolve(homepage) },
    info: { metadata: {} },
  }
  const target = { packager, options: config['linux'] as object }

  expect(await FpmTarget.prototype.computeFpmMetaInfoOptions.call(target)).toMatchObject({
    maintainer: 'The Longlens authors <authors@longlens.example>',
    url: 'https://longlens.example/',
  })
  const nobody = { packager, options: {} }
  await expect(FpmTarget.prototype.computeFpmMetaInfoOptions.call(nobody)).rejects.toThrow('email')
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
