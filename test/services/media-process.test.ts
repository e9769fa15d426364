import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { selectExpression } from '../../app/services/media/frame-plan'
import { ToolRun } from '../../app/services/media/tool-run'
import { temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
// Below the repository, so that the bundle finds its packages.
const bundleFolder = join(import.meta.dirname, '../../build/test-media')

afterAll(() => {
  folder.remove()
  rmSync(bundleFolder, { recursive: true, force: true })
})

/** A program for tests, written as a shell script. */
function script(name: string, text: string): string {
  const path = join(folder.path, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20)
}

const { ffmpeg } = await findFfmpeg({ env: process.env })
/** Decodes for ever and gives nothing out. */
const endless = {
  input: 'testsrc=size=64x64',
  inputOptions: ['-f', 'lavfi'],
  outputOptions: ['-vf', 'select=0', '-f', 'rawvideo'],
}

describe('a run of ffmpeg', () => {
  it('gives its output and its lines', async () => {
    const lines: string[] = []
    const args = { ...endless, outputOptions: ['-frames:v', '2', '-pix_fmt', 'gray', '-f', 'rawvideo'] }
    const run = new ToolRun(args, { program: ffmpeg.path, file: 'x', onLine: (line) => lines.push(line) })
    let size = 0
    for await (const chunk of run) size += chunk.length

    expect(size).toBe(2 * 64 * 64)
    expect(run.failure).toBeNull()
    expect(lines.some((line) => line.startsWith('Output #0, rawvideo'))).toBe(true)
  })

  it('says why the program failed', async () => {
    const program = script('fails', 'echo some output; echo "first" >&2; echo "the reason" >&2; exit 3')
    const run = new ToolRun(['-x'], { program, file: 'x' })

    expect(await run.text()).toBe('some output\n')
    expect(run.failure).toBe('the reason')
    expect(run.lines).toContain('first')
  })

  it('says so when the program does not exist', async () => {
    const run = new ToolRun(['-x'], { program: join(folder.path, 'nothing'), file: 'x' })

    expect(await run.text()).toBe('')
    expect(run.failure).toMatch(/not found/)
  })

  it('kills the program at once when the signal is aborted', async () => {
    const stop = new AbortController()
    const program = script('sleeps', 'echo $$; exec sleep 100')
    const run = new ToolRun([], { program, file: 'x', signal: stop.signal })
    let pid = 0

    await expect(
      (async () => {
        for await (const chunk of run) {
          pid = Number(chunk.toString())
          stop.abort()
        }
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' })

    expect(pid).toBeGreaterThan(0)
    expect(isAlive(pid)).toBe(false)
  })

  it.each(['kill -INT $$', 'exit 255'])(
    'is cancelled when Ctrl+C ends the program first: %s',
    async (end) => {
      const stop = new AbortController()
      const program = script('ended', `echo x; ${end}`)
      const run = new ToolRun([], { program, file: 'x', signal: stop.signal })

      const text = run.text()
      setTimeout(() => {
        stop.abort()
      }, 100)

      await expect(text).rejects.toMatchObject({ code: 'cancelled' })
    },
  )

  it('has failed when something else ends the program', async () => {
    const stop = new AbortController()
    const run = new ToolRun([], {
      program: script('killed', 'kill -TERM $$'),
      file: 'x',
      signal: stop.signal,
    })

    expect(await run.text()).toBe('')
    expect(run.failure).toMatch(/SIGTERM/)
  })

  it('does not start anything that lasts when the signal was aborted before', async () => {
    const run = new ToolRun(endless, { program: ffmpeg.path, file: 'x', signal: AbortSignal.abort() })

    await expect(run.text()).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('kills a program that shows no sign of life', async () => {
    const program = script('hangs', 'exec sleep 100')
    const run = new ToolRun([], { program, file: '/videos/a.mp4', idleSeconds: 0.2 })

    await expect(run.text()).rejects.toMatchObject({
      code: 'media_timeout',
      details: { file: '/videos/a.mp4', seconds: 0.2 },
    })
  })

  it('takes decoding for a sign of life when no frame comes out', async () => {
    const filter = `select='${selectExpression('n', ['1000000'])}'`
    const stop = new AbortController()
    const outputOptions = ['-vf', filter, '-f', 'rawvideo']
    const options = { program: ffmpeg.path, file: 'x', idleSeconds: 3, signal: stop.signal }
    const run = new ToolRun({ ...endless, outputOptions }, options)
    setTimeout(() => {
      stop.abort()
    }, 4000)

    await expect(run.text()).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('does not take a slow reader for a stuck program', async () => {
    const program = script('speaks', 'echo one; sleep 0.1; echo two')
    const run = new ToolRun([], { program, file: 'x', idleSeconds: 0.3 })
    let text = ''
    for await (const chunk of run) {
      text += chunk.toString()
      await sleep(600)
    }

    expect(text).toBe('one\ntwo\n')
  })

  it('dies when its owner is killed, even while it gives nothing out', async () => {
    const program = join(bundleFolder, 'owner.mjs')
    await build({
      stdin: {
        contents: `
          import { selectExpression } from '../../app/services/media/frame-plan'
import { ToolRun } from './app/services/media/tool-run'
          const run = new ToolRun(${JSON.stringify(endless)}, { program: ${JSON.stringify(ffmpeg.path)}, file: 'x' })
          const timer = setInterval(() => {
            if (run.command.ffmpegProc === undefined) return
            console.log('pid ' + run.command.ffmpegProc.pid)
            clearInterval(timer)
          }, 10)
          await run.text()`,
        resolveDir: join(import.meta.dirname, '../..'),
        loader: 'ts',
      },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outfile: program,
      logLevel: 'error',
    })
    const owner = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const chunk of owner.stdout) {
      output += String(chunk)
      if (output.includes('\n')) break
    }
    const pid = Number(/pid (\d+)/.exec(output)?.[1])
    expect(isAlive(pid)).toBe(true)

    owner.kill('SIGKILL')

    await waitUntilGone(pid)
    expect(isAlive(pid)).toBe(false)
  })
})

describe('findFfmpeg', () => {
  const says = (name: string, version: string) => `echo "${name} version ${version} Copyright"`

  it('takes LONGLENS_FFMPEG first, as a file or as its folder, with the ffprobe beside it', async () => {
    const path = script('own/ffmpeg', says('ffmpeg', '7.1'))
    const probe = script('own/ffprobe', says('ffprobe', '7.1'))

    for (const value of [path, join(folder.path, 'own')]) {
      const tools = await findFfmpeg({ env: { ...process.env, LONGLENS_FFMPEG: value } })
      expect(tools).toEqual({
        ffmpeg: { path, version: '7.1' },
        ffprobe: { path: probe, version: '7.1' },
        rule: 'LONGLENS_FFMPEG',
        warnings: [],
      })
    }
  })

  it('refuses a LONGLENS_FFMPEG that does not run instead of taking another one', async () => {
    const broken = script('broken/ffmpeg', 'exit 1')

    for (const value of [broken, '/nothing/here']) {
      await expect(findFfmpeg({ env: { ...process.env, LONGLENS_FFMPEG: value } })).rejects.toMatchObject({
        code: 'ffmpeg_missing',
      })
    }
  })

  it('takes the packaged one before PATH, and PATH before npm', async () => {
    const packaged = script('resources/ffmpeg/ffmpeg', says('ffmpeg', '8.0'))
    const onPath = script('bin/ffmpeg', says('ffmpeg', '6.0'))
    const npm = script('npm/ffmpeg', says('ffmpeg', 'N-47683-g0e8eb07980-static'))
    const env = { PATH: `/bin:${join(folder.path, 'bin')}` }
    const npmFfmpeg = () => npm

    const first = await findFfmpeg({ env, resourcesPath: join(folder.path, 'resources'), npmFfmpeg })
    expect(first).toMatchObject({ rule: 'packaged', ffmpeg: { path: packaged } })
    const withoutPackage = { env: { PATH: join(folder.path, 'bin') }, resourcesPath: folder.path, npmFfmpeg }
    expect(await findFfmpeg(withoutPackage)).toMatchObject({ rule: 'PATH', ffmpeg: { path: onPath } })
    const last = await findFfmpeg({ env: {}, npmFfmpeg })
    expect(last).toMatchObject({ rule: 'npm', ffprobe: null })
    expect(last.warnings).toHaveLength(2)
    expect(last.warnings[0]).toContain('N-47683-g0e8eb07980-static')
  })

  it('says so when there is none', async () => {
    await expect(findFfmpeg({ env: {}, npmFfmpeg: () => null })).rejects.toMatchObject({
      code: 'ffmpeg_missing',
    })
  })
})
