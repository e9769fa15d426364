import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  buildCli,
  CliProcess,
  groupHasEnded,
  groupMembers,
  jsonLines,
  memberOf,
  type BuiltCli,
} from '../helpers/cli'
import { makeNumberedVideo, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
const running: CliProcess[] = []
let cli: BuiltCli
beforeAll(() => {
  cli = buildCli()
  makeNumberedVideo(join(folder.path, 'film.mp4'), { frames: 1500, width: 320, height: 240 })
  makeNumberedVideo(join(folder.path, 'short.mp4'), { frames: 25, width: 64, height: 48 })
})
afterEach(async () => {
  for (const { pid } of running.splice(0)) {
    if (groupMembers(pid).length > 0) process.kill(-pid, 'SIGKILL')
    await groupHasEnded(pid)
  }
})
afterAll(() => {
  cli.remove()
  folder.remove()
})

const QUESTION = 'What color is the background?'
/** An answer that goes on for a while: very unlikely words are as good as others. */
const LONG_ANSWER = ['--temperature', '10', '--seed', '1', '--max-tokens', '3000', '--context', '8192']

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): CliProcess {
  const command = new CliProcess(cli.entry, args, { cwd: folder.path, env: { ...process.env, ...env } })
  running.push(command)
  return command
}

function ask(...args: string[]): CliProcess {
  return start(['ask', ...args, '--json', '--threads', '1'])
}

/** A program that calls itself ffmpeg, and then gives nothing for ever. */
function stuckFfmpeg(): string {
  const path = join(folder.path, 'ffmpeg')
  writeFileSync(
    path,
    '#!/bin/sh\nif [ "$1" = -version ]; then echo "ffmpeg version 7.0"; exit; fi\nexec sleep 1000\n',
  )
  chmodSync(path, 0o755)
  writeFileSync(
    join(folder.path, 'ffprobe'),
    '#!/bin/sh\necho "ffprobe version 7.0"\n[ "$1" = -version ] || exec sleep 1000\n',
  )
  chmodSync(join(folder.path, 'ffprobe'), 0o755)
  return path
}

const stage = (name: string) => new RegExp(`"stage":"${name}","done":[1-9]`, 'u')

/** Each stage: how to get a command into it. */
const stages: [string, () => Promise<CliProcess>][] = [
  [
    'starting',
    async () => {
      const command = ask('film.mp4', QUESTION)
      await memberOf(command.pid, /cli\.js/u)
      // Before this, Node itself is still starting, and ends by the signal instead.
      await memberOf(command.pid, /-version|ffprobe/u)
      return command
    },
  ],
  [
    'probing',
    async () => {
      const command = start(['ask', 'film.mp4', QUESTION, '--json'], { LONGLENS_FFMPEG: stuckFfmpeg() })
      await memberOf(command.pid, /sleep 1000/u)
      return command
    },
  ],
  [
    'loading',
    async () => {
      const command = ask(QUESTION)
      await memberOf(command.pid, /engine-process\.js/u)
      return command
    },
  ],
  [
    'decoding',
    async () => {
      const command = ask('film.mp4', QUESTION, '--every', '0.04')
      await memberOf(command.pid, /ffmpeg .*rawvideo/u)
      return command
    },
  ],
  ...(['encode', 'prefill'] as const).map((name): [string, () => Promise<CliProcess>] => [
    name,
    async () => {
      const command = ask('film.mp4', QUESTION)
      await command.untilOutput(stage(name))
      return command
    },
  ]),
  [
    'answering',
    async () => {
      const command = ask(QUESTION, ...LONG_ANSWER)
      await command.untilOutput(/"type":"token"/u)
      return command
    },
  ],
]

describe.skipIf(process.platform !== 'linux')('Ctrl+C (told from /proc, so on Linux only)', () => {
  it.for(stages)('while %s ends the command with 130 and leaves no process', async ([name, reach]) => {
    const command = await reach()

    const pressed = performance.now()
    command.interrupt()
    const { code, err, out } = await command.ended
    const endedMs = performance.now() - pressed
    await groupHasEnded(command.pid)
    const emptyMs = performance.now() - pressed

    console.log(
      `Ctrl+C while ${name}: ended after ${endedMs.toFixed(0)} ms, last process after ${emptyMs.toFixed(0)} ms`,
    )
    expect({ code, err }).toEqual({ code: 130, err: '' })
    const last = jsonLines({ out }).at(-1)
    if (last?.type === 'error') expect(last['code']).toBe('cancelled')
    else expect(last?.type).not.toBe('answer')
  })

  it('twice ends a command that is putting things away', async () => {
    const command = start(['serve', '--port', '0', '--json'], { LONGLENS_HOME: join(folder.path, 'home') })
    await command.untilOutput(/listening/u)
    command.interrupt()
    command.interrupt()
    await command.ended
    await groupHasEnded(command.pid)
  })

  it('ends serve orderly, with everything it started', async () => {
    const command = start(['serve', '--port', '0', '--json'], { LONGLENS_HOME: join(folder.path, 'home') })
    await command.untilOutput(/listening/u)
    command.interrupt()
    const { code, err } = await command.ended
    await groupHasEnded(command.pid)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    // The database was closed: its write-ahead log is gone.
    expect(readdirSync(join(folder.path, 'home', 'data')).filter((name) => name.endsWith('-wal'))).toEqual([])
  })
})

describe.skipIf(process.platform !== 'linux')(
  'a process that is lost (told from /proc, so on Linux only)',
  () => {
    it('kill -9 of the engine in mid-answer is said, with what to do, in one line of JSON', async () => {
      const command = ask(QUESTION, ...LONG_ANSWER)
      await command.untilOutput(/"type":"token"/u)
      process.kill((await memberOf(command.pid, /engine-process\.js$/u)).pid, 'SIGKILL')

      const { code, out, err } = await command.ended
      await groupHasEnded(command.pid)

      expect({ code, err }).toEqual({ code: 1, err: '' })
      expect(jsonLines({ out }).at(-1)).toEqual({
        type: 'error',
        code: 'engine_crashed',
        message: 'The engine stopped and restarted: Your last question was not answered; the rest is safe.',
        remedy: 'Ask again.',
      })
    })

    it('kill -9 of the command takes engine and ffmpeg with it', async () => {
      const command = ask('film.mp4', QUESTION, '--every', '0.04')
      await command.untilOutput(stage('decode'))
      process.kill(command.pid, 'SIGKILL')
      await command.ended
      await groupHasEnded(command.pid)
    })

    it('a reader that closes its end ends the command quietly', async () => {
      const command = ask(QUESTION, ...LONG_ANSWER)
      await command.untilOutput(/"type":"token"/u)
      command.closeOutput()

      const { code, err } = await command.ended
      await groupHasEnded(command.pid)
      expect({ code, err }).toEqual({ code: 130, err: '' })
    })
  },
)

describe('the command line as a process', () => {
  it('takes paths from the folder it is started in', async () => {
    const { code, out, err } = await start(['ask', 'short.mp4', QUESTION, '--threads', '1']).ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^\S[^\n]*\n$/u)
  })

  it('leaves with code 2 and an error line for wrong use', async () => {
    const { code, out } = await ask().ended
    expect(code).toBe(2)
    expect(jsonLines({ out })).toMatchObject([{ type: 'error', code: 'invalid_input' }])
  })
})
