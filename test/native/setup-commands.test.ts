import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { repositoryRoot } from '../helpers/engine-libraries'

const run = promisify(execFile)
const script = (name: string) => join(repositoryRoot, 'scripts', name)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-setup-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('says and changes nothing when everything is set up', async () => {
  const outputs = ['build/cli.js', 'build/native/longlens.node'].map((file) => join(repositoryRoot, file))
  await run(process.execPath, [script('build.mjs')])
  const before = outputs.map((file) => statSync(file).mtimeMs)

  const second = await run(process.execPath, [script('build.mjs')])

  expect(second).toMatchObject({ stdout: '', stderr: '' })
  expect(outputs.map((file) => statSync(file).mtimeMs)).toEqual(before)
})

it('lets two set-ups run at once', async () => {
  const both = await Promise.all([1, 2].map(() => run(process.execPath, [script('build.mjs')])))

  expect(both.map(({ stderr }) => stderr)).toEqual(['', ''])
})

it('opens the program with "npm start", and says in one line when that is not Electron', async () => {
  // Electron cannot be had: nothing is fetched without a display.
  const env = { ...process.env, LONGLENS_HOME: folder, DISPLAY: '', WAYLAND_DISPLAY: '' }
  const child = spawn(process.execPath, [script('start.mjs'), '--no-open', '--port', '0'], { env })
  const said = { stdout: '', stderr: '' }
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  const address = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said.stdout += chunk.toString()
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)/.exec(said.stdout) ?? []
      if (found !== undefined) resolve(found)
    })
  })

  const page = await fetch(await address, { redirect: 'manual' })
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended

  expect(page.status).toBe(303)
  expect(said.stderr).toMatch(/^longlens: Electron is not used \(.+\); Longlens opens in the browser\.\n$/)
})

it('ends with the exit code of the command line', async () => {
  const failure = run(process.execPath, [script('longlens.mjs'), 'no-such-command'])

  await expect(failure).rejects.toMatchObject({ code: 2, stdout: '' })
})

it('names the variants there are when another one is to be installed', async () => {
  const failure = run(process.execPath, [script('longlens.mjs'), 'engine', 'install', 'opencl'])

  await expect(failure).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('There is no engine variant "opencl"') as unknown,
  })
})

/** Starts a parent that runs `child` the way the command line is run from an older Node. */
function startParent(child: string) {
  writeFileSync(join(folder, 'child.mjs'), child)
  writeFileSync(
    join(folder, 'parent.mjs'),
    `import { runAsChild } from ${JSON.stringify(script('lib/start-program.mjs'))}
     runAsChild(process.execPath, [${JSON.stringify(join(folder, 'child.mjs'))}], process.cwd())`,
  )
  return spawn(process.execPath, [join(folder, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
}

it('passes Ctrl+C on once, though npm and the terminal both send it', async () => {
  const parent = startParent(`
    let count = 0
    process.on('SIGINT', () => {
      count += 1
      setTimeout(() => { console.log('interrupted ' + count); process.exit(130) }, 150)
    })
    setInterval(() => {}, 1000)
    console.log('ready')`)
  let output = ''
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (text.includes('ready')) {
      parent.kill('SIGINT')
      setTimeout(() => parent.kill('SIGINT'), 20)
    }
  })

  const [code] = (await once(parent, 'close')) as [number | null]

  expect(output).toBe('ready\ninterrupted 1\n')
  expect(code).toBe(130)
})

it('ends by the signal that ended the program', async () => {
  const parent = startParent(`console.log(process.pid); setInterval(() => {}, 1000)`)
  const [text] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  parent.kill('SIGTERM')

  const [code, signal] = (await once(parent, 'close')) as [number | null, string | null]

  expect([code, signal]).toEqual([null, 'SIGTERM'])
  expect(() => process.kill(Number(text), 0)).toThrow('ESRCH')
})

it('counts passed, failed, skipped, unloadable files and stray errors for the closing line', async () => {
  const results = join(folder, 'results.json')
  writeFileSync(
    join(folder, 'a.test.mjs'),
    `import { expect, it } from 'vitest'
     it('passes', () => {})
     it('fails', () => { expect(1).toBe(2) })
     it('skips', (context) => { context.skip('no film here') })
     it('leaves an error behind', async () => {
       void Promise.reject(new Error('stray'))
       await new Promise((resolve) => setTimeout(resolve, 20))
     })`,
  )
  writeFileSync(join(folder, 'b.test.mjs'), `import './not-there.mjs'`)
  const args = ['run', '--root', folder, '--reporter', script('vitest-closing-reporter.mjs')]
  const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs')

  const finished = run(process.execPath, [vitest, ...args], {
    env: { ...process.env, LONGLENS_TEST_RESULTS: results },
  })

  await expect(finished).rejects.toMatchObject({ code: 1 })
  expect(JSON.parse(readFileSync(results, 'utf8'))).toEqual({
    passed: 2,
    failed: 3,
    failures: ['a.test.mjs > fails', 'b.test.mjs'],
    skipped: [{ title: 'skips', reason: 'no film here' }],
  })
})
