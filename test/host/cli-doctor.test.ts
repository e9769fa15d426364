import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from '../helpers/engine-libraries'
import { runInProcess, type CliResult } from '../helpers/cli'

function doctor(env: Record<string, string | undefined>, ...args: string[]): Promise<CliResult> {
  return runInProcess(['doctor', ...args], { env: { ...process.env, ...env } })
}

describe('doctor', () => {
  it('says in JSON what this machine has', async () => {
    const { code, out, err } = await doctor({ LONGLENS_HOME: '/somewhere' }, '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/u) as string,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      ffmpeg: {
        ffmpeg: { path: expect.any(String) as string, version: expect.any(String) as string },
        warnings: [],
      },
      engine: {
        variant: 'cpu',
        devices: expect.arrayContaining([expect.objectContaining({ name: 'CPU', type: 'cpu' })]) as object,
      },
      folders: {
        data: join('/somewhere', 'data'),
        models: join('/somewhere', 'models'),
        bundledModel: join(repositoryRoot, 'models', 'longlens-tiny'),
      },
    })
  })

  it('says the same for people, each part under its heading', async () => {
    const { code, out } = await doctor({})
    expect(code).toBe(0)
    const headings = out.split('\n').filter((line) => /^[a-zA-Z]/u.test(line))
    expect(headings.map((line) => line.split(/[ :]/u)[0])).toEqual([
      'Longlens',
      'Processor',
      'Memory',
      'ffmpeg',
      'Engine',
      'Folders',
    ])
    expect(out).toMatch(/^ {2}\* cpu: .+\.$/mu)
    expect(out).toMatch(/^ {2}Graphics: /mu)
  })

  it('goes on where ffmpeg is missing, says what to do, and ends with code 1', async () => {
    const text = await doctor({ LONGLENS_FFMPEG: '/nowhere/ffmpeg' })
    expect({ code: text.code, err: text.err }).toEqual({ code: 1, err: '' })
    expect(text.out).toContain(
      [
        'ffmpeg',
        '  ffmpeg was not found: Videos are read with ffmpeg: LONGLENS_FFMPEG is set to "/nowhere/ffmpeg", which is not an ffmpeg that runs.',
        '  Install ffmpeg, or set LONGLENS_FFMPEG to its path.',
        '',
        'Engine: cpu',
      ].join('\n'),
    )
    const json = await doctor({ LONGLENS_FFMPEG: '/nowhere/ffmpeg' }, '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({
      ffmpeg: { remedy: 'Install ffmpeg, or set LONGLENS_FFMPEG to its path.' },
      engine: { variant: 'cpu' },
    })
  })

  it('goes on where the engine cannot start, and ends with code 1', async () => {
    const { code, out } = await doctor({ LONGLENS_ENGINE_LIBRARIES: '/nowhere' }, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ffmpeg: { rule: expect.any(String) as string },
      engine: { problem: expect.stringMatching(/^The engine could not be started: /u) as string },
    })
  })
})
