import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { beforeEach, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../helpers/engine-libraries'
import { runInProcess, type CliResult } from '../helpers/cli'
import { temporaryFolder } from '../helpers/make-media'

const bundled = join(repositoryRoot, 'models', 'longlens-tiny')

let root: ReturnType<typeof temporaryFolder>
let models: string
beforeEach(() => {
  root = temporaryFolder()
  models = join(root.path, 'models')
  mkdirSync(models)
  return root.remove
})

function longlens(...args: string[]): Promise<CliResult> {
  return runInProcess(args, { cwd: root.path, env: { ...process.env, LONGLENS_HOME: root.path } })
}

/** A copy of the bundled model's two files in the models folder. */
function copyModel(name: string): string {
  const folder = join(models, name)
  mkdirSync(folder)
  for (const file of ['language.gguf', 'vision.gguf']) cpSync(join(bundled, file), join(folder, file))
  return folder
}

function objects({ out }: CliResult): Record<string, unknown>[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('models list', () => {
  it('lists the bundled model first, then the folders that hold models, in natural order', async () => {
    copyModel('model 10')
    copyModel('model 9')
    mkdirSync(join(models, 'notes'))
    mkdirSync(join(models, '.half-imported'))

    const result = await longlens('models', 'list', '--json')

    expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' })
    expect(objects(result).map(({ folder, bundled: own }) => [folder, own])).toEqual([
      [bundled, true],
      [join(models, 'model 9'), false],
      [join(models, 'model 10'), false],
    ])
    expect(objects(result)[0]).toMatchObject({ name: 'Longlens-Tiny', license: 'MIT' })
  })

  it('shows a damaged model with what is wrong instead of leaving it out', async () => {
    truncateSync(join(copyModel('torn'), 'vision.gguf'), 1000)

    const json = await longlens('models', 'list', '--json')
    expect(objects(json)[1]).toMatchObject({
      folder: join(models, 'torn'),
      error: { type: 'error', code: 'model_invalid' },
    })
    const text = await longlens('models', 'list')
    expect(text.out.split('\n')[0]).toMatch(/^Longlens-Tiny, \d+ MB, bundled$/u)
    expect(text.out).toContain(`${join(models, 'torn')}: The model file is damaged: "`)
  })

  it('lists the bundled model where there is no models folder at all', async () => {
    rmSync(models, { recursive: true })
    expect(objects(await longlens('models', 'list', '--json'))).toHaveLength(1)
  })
})

describe('models card', () => {
  it('prints the card of the bundled model when none is named', async () => {
    const { code, out, err } = await longlens('models', 'card')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(readFileSync(join(bundled, 'README.md'), 'utf8'))
  })

  it('prints what the description says of a model without a card', async () => {
    copyModel('mine')
    const { code, out } = await longlens('models', 'card', 'mine')
    expect(code).toBe(0)
    expect(out).toMatch(/^# Longlens-Tiny\n\n.+\n\n- Can be shown: pictures.*\n/u)
    expect(out).toContain('\n- Licence: MIT\n')

    expect(objects(await longlens('models', 'card', 'mine', '--json'))).toMatchObject([
      { folder: join(models, 'mine'), name: 'Longlens-Tiny', facts: { Licence: 'MIT' }, markdown: null },
    ])
  })

  it('says which model is missing, with code 1', async () => {
    const { code, out, err } = await longlens('models', 'card', 'nothing')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^longlens: The model file is missing: /u)
  })
})

describe('models verify', () => {
  it('takes a path, the name of a model, or the bundled model when none is named', async () => {
    copyModel('mine')
    for (const args of [[], ['longlens-tiny'], ['mine'], ['./models/mine'], [join(models, 'mine')]]) {
      const result = await longlens('models', 'verify', ...args, '--json')
      expect(result).toMatchObject({ code: 0, err: '' })
      expect(objects(result)).toMatchObject([
        { ok: true, name: 'Longlens-Tiny', sha256: expect.stringMatching(/^[\da-f]{64}$/u) as string },
      ])
    }
  })

  it('prints name, size and checksum for people', async () => {
    const { code, out } = await longlens('models', 'verify')
    expect(code).toBe(0)
    expect(out).toMatch(/^Longlens-Tiny is sound \(\d+ MB\)\.\nsha256 [\da-f]{64}\n$/u)
  })

  it.for<[string, (folder: string) => void, string]>([
    [
      'a cut file',
      (folder) => {
        truncateSync(join(folder, 'language.gguf'), 100_000)
      },
      'model_invalid',
    ],
    [
      'an empty file',
      (folder) => {
        writeFileSync(join(folder, 'vision.gguf'), '')
      },
      'model_invalid',
    ],
    [
      'a file of another kind',
      (folder) => {
        writeFileSync(join(folder, 'language.gguf'), 'no model at all')
      },
      'model_invalid',
    ],
    [
      'a missing file',
      (folder) => {
        rmSync(join(folder, 'vision.gguf'))
      },
      'model_not_found',
    ],
    [
      'a missing folder',
      (folder) => {
        rmSync(folder, { recursive: true })
      },
      'model_not_found',
    ],
  ])('finds %s, with code 1, as text and as JSON', async ([, damage, code]) => {
    damage(copyModel('mine'))

    const json = await longlens('models', 'verify', 'models/mine', '--json')
    expect({ code: json.code, err: json.err }).toEqual({ code: 1, err: '' })
    expect(objects(json)).toMatchObject([{ ok: false, folder: join(models, 'mine'), code }])

    const text = await longlens('models', 'verify', 'models/mine')
    expect({ code: text.code, out: text.out }).toEqual({ code: 1, out: '' })
    expect(text.err).toMatch(/^longlens: The model file is (damaged|missing): /u)
  })
})
