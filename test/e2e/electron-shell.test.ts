import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleFilm, sampleFilmName } from '../helpers/bundled-sample'
import { Desktop, whyNoDesktop } from '../helpers/electron-desktop'

// One run of the built program, looked at from all sides. What this does not prove stands in docs/security.md.

/** The window's object, with what the preload script puts on it. */
interface Bridged {
  readonly longlens: { pathForFile(file: File): string }
}

let folder: string
let desktop: Desktop
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  if (whyNoDesktop !== '') return
  folder = mkdtempSync(join(tmpdir(), 'longlens-desktop-'))
  desktop = new Desktop(join(folder, 'home'))
  page = await desktop.page()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
})

afterAll(async () => {
  if (whyNoDesktop !== '') return
  await desktop.kill()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(({ skip }) => {
  skip(whyNoDesktop !== '', whyNoDesktop)
})

/** A copy of the sample under a name of its own. */
function film(name: string): string {
  const media = join(folder, 'media')
  mkdirSync(media, { recursive: true })
  const path = join(media, name)
  copyFileSync(sampleFilm, path)
  return path
}

function entry(name: string) {
  return page.getByRole('list', { name: 'Library', exact: true }).getByText(name, { exact: true })
}

async function sourceOf(name: string): Promise<string> {
  const image = page.getByRole('listitem').filter({ hasText: name }).locator('img').first()
  const thumbnail = (await image.getAttribute('src')) ?? ''
  return thumbnail.replace(/thumbnail.*$/, 'source')
}

describe('the window', () => {
  it('opens once the program is ready, sandboxed, isolated and without Node', async () => {
    const windows = await desktop.hand('windows')

    expect(windows).toHaveLength(1)
    expect(windows[0]).toMatchObject({ url: 'longlens://app/', isShown: true })
    expect(windows[0]?.options).toMatchObject({ minWidth: 900, minHeight: 600, show: false })
    expect(windows[0]?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    })
  })

  it('gives the page three functions and nothing of Node, Electron or the preload script', async () => {
    const seen = await page.evaluate(() => ({
      bridge: Object.entries((window as unknown as Bridged).longlens).map(
        ([name, value]) => `${name}: ${typeof value}`,
      ),
      isFrozen: Object.isFrozen((window as unknown as Bridged).longlens),
      globals: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'standIn', 'standInSend'].filter(
        (name) => name in window,
      ),
    }))

    expect(seen).toEqual({
      bridge: ['pathForFile: function', 'chooseFiles: function', 'chooseFolder: function'],
      isFrozen: true,
      globals: [],
    })
  })

  it('is served with a content policy that allows its own origin alone', async () => {
    const headers = await page.evaluate(async () => Object.fromEntries((await fetch('/')).headers))

    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
        "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-src 'none'; frame-ancestors 'none'",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('keeps the spell checker and calls home of Chromium off', async () => {
    expect(await desktop.hand('isSpellChecking')).toBe(false)
    expect(await desktop.hand('switches')).toEqual([
      'disable-background-networking',
      'disable-component-update',
      'disable-domain-reliability',
      'no-pings',
    ])
  })

  it('refuses to leave its page', async () => {
    const before = page.url()
    const refused = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/leave'))
    await page.evaluate(() => {
      location.href = 'https://example.org/leave'
    })
    await refused

    expect(page.url()).toBe(before)
  })

  it('refuses to open another window', async () => {
    const isClosed = await page.evaluate(async () => {
      const opened = window.open('https://example.org/')
      while (opened !== null && !opened.closed) await new Promise((done) => setTimeout(done, 20))
      return true
    })

    expect(isClosed).toBe(true)
    expect(await desktop.hand('windows')).toHaveLength(1)
  })

  it('cannot reach the network', async () => {
    const outcome = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'answered',
        () => 'refused',
      ),
    )

    expect(outcome).toBe('refused')
    expect(complaints.some((text) => text.includes('Content Security Policy'))).toBe(true)
  })

  it.each(['media', 'geolocation', 'notifications', 'midi', 'fullscreen', 'clipboard-read', 'openExternal'])(
    'refuses the permission %s',
    async (permission) => {
      expect(await desktop.hand('askPermission', permission, 'longlens://app/')).toBe(false)
    },
  )

  it('lets its own page write text to the clipboard, and no other', async () => {
    const permission = 'clipboard-sanitized-write'
    expect(await desktop.hand('askPermission', permission, 'longlens://app/')).toBe(true)
    expect(await desktop.hand('askPermission', permission, 'https://example.org/')).toBe(false)
  })
})

describe('the port and the protocol', () => {
  it('adds the sample over the port and answers a question with the bundled model in a utility process', async () => {
    await page.getByRole('button', { name: 'Sample film' }).click()
    await entry(sampleFilmName).waitFor()
    await page.getByRole('textbox', { name: 'Question' }).fill('How many scenes are there?')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()

    // Asking again is offered once the answer is complete.
    const turn = page.getByRole('article', { name: 'Question: How many scenes are there?' })
    await turn.getByRole('button', { name: 'Copy' }).waitFor()
    expect(await turn.innerText()).toMatch(/\d|one|two|three|four|five|six/i)
    expect(await desktop.hand('utilityPids')).toHaveLength(1)
  })

  it('serves what is in the library, whole and in parts', async () => {
    const source = await sourceOf(sampleFilmName)
    const answers = await page.evaluate(async (url) => {
      const whole = await fetch(url)
      const part = await fetch(url, { headers: { range: 'bytes=4-7' } })
      return {
        whole: { status: whole.status, type: whole.headers.get('content-type') },
        size: (await whole.arrayBuffer()).byteLength,
        part: { status: part.status, range: part.headers.get('content-range'), text: await part.text() },
        policy: part.headers.get('content-security-policy'),
      }
    }, source)

    const { size: sampleSize } = statSync(sampleFilm)
    expect(answers).toEqual({
      whole: { status: 200, type: 'video/mp4' },
      size: sampleSize,
      part: { status: 206, range: `bytes 4-7/${sampleSize}`, text: 'ftyp' },
      policy: "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
  })

  it('serves nothing else', async () => {
    const statuses = await page.evaluate(async () => {
      const paths = [
        '/media/00000000/source',
        '/media/..%2f..%2f..%2fetc%2fpasswd/source',
        '/..%2f..%2fpackage.json',
        '/%2e%2e/main.js',
        '/assets/../../main.js',
        '/.stamp',
      ]
      const answers = await Promise.all(paths.map((path) => fetch(path)))
      return [...answers.map(({ status }) => status), (await fetch('/', { method: 'POST' })).status]
    })

    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 405])
  })

  it('serves the port again to a page that was reloaded', async () => {
    await page.reload()
    await entry(sampleFilmName).waitFor()
  })

  it('keeps a pasted picture in its own folder', async () => {
    const status = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(8, 8)
      canvas.getContext('2d')?.fillRect(0, 0, 8, 8)
      const blob = await canvas.convertToBlob()
      const answer = await fetch('/upload?name=pasted.png', { method: 'PUT', body: blob })
      return answer.status
    })

    expect(status).toBe(201)
    expect(readdirSync(join(folder, 'home', 'data', 'uploads'))).toEqual(['pasted.png'])
  })
})

describe('dialogs, drops and the menu', () => {
  it('adds a dropped file from where it lies, without copying it', async () => {
    const path = film('dropped.mp4')
    await desktop.hand('drop', [path], { x: 400, y: 400 })
    await entry('dropped.mp4').waitFor()

    const titles = await page.getByRole('list', { name: 'Library', exact: true }).locator('[title]').all()
    expect(await Promise.all(titles.map((one) => one.getAttribute('title')))).toContain(path)
    expect(readdirSync(join(folder, 'home', 'data', 'uploads'))).toEqual(['pasted.png'])
  })

  it('says of a file without a place on disk that it has none', async () => {
    expect(
      await page.evaluate(() =>
        (window as unknown as Bridged).longlens.pathForFile(new File(['x'], 'x.png')),
      ),
    ).toBe('')
  })

  it('adds what is chosen in the native dialog, and nothing when it is cancelled', async () => {
    const choose = async (answer: object): Promise<void> => {
      await page.getByRole('button', { name: 'Add', exact: true }).first().click()
      await page.getByRole('button', { name: 'Videos or pictures…' }).click()
      const [shown] = await desktop.until(async () => {
        const dialogs = await desktop.hand('dialogs')
        return dialogs.length > 0 && dialogs
      })
      expect(shown).toMatchObject({ kind: 'open', options: { properties: ['openFile', 'multiSelections'] } })
      await desktop.hand('answerDialog', answer)
    }
    await choose({ canceled: true, filePaths: [] })
    await choose({ canceled: false, filePaths: [film('chosen.mp4')] })
    await entry('chosen.mp4').waitFor()
  })

  it('has a native menu with File, Edit, View and Developer', async () => {
    const menu = await desktop.hand('menu')

    expect(menu).toMatchObject([
      {
        name: 'File',
        submenu: [
          { name: 'New Conversation', accelerator: 'CmdOrCtrl+N' },
          { name: 'separator' },
          { name: 'Open Videos or Pictures…', accelerator: 'CmdOrCtrl+O' },
          { name: 'Open Folder…', accelerator: 'CmdOrCtrl+Shift+O' },
          { name: 'separator' },
          { name: 'Settings…', accelerator: 'CmdOrCtrl+,' },
          { name: 'separator' },
          { name: 'quit' },
        ],
      },
      { name: 'editMenu' },
      { name: 'View' },
      { name: 'windowMenu' },
      { name: 'Developer' },
      { name: 'Help' },
    ])
  })

  it('adds a folder through the menu', async () => {
    const path = film('holiday.mp4')
    await desktop.hand('clickMenu', ['File', 'Open Folder…'])
    await desktop.until(async () => (await desktop.hand('dialogs')).length === 1)
    await desktop.hand('answerDialog', { canceled: false, filePaths: [resolve(path, '..')] })
    await entry('media').waitFor()
  })

  it('opens the settings and begins a new conversation through the menu', async () => {
    await desktop.hand('clickMenu', ['File', 'Settings…'])
    await page.getByRole('dialog', { name: 'Settings' }).waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('textbox', { name: 'Question' }).fill('left in the old conversation')
    await desktop.hand('clickMenu', ['File', 'New Conversation'])
    await desktop.until(
      async () => (await page.getByRole('textbox', { name: 'Question' }).inputValue()) === '',
    )
  })

  it('tells in words what could not be added', async () => {
    await desktop.hand('openFile', join(folder, 'not-there.mp4'))
    const [shown] = await desktop.until(async () => {
      const dialogs = await desktop.hand('dialogs')
      return dialogs.length > 0 && dialogs
    })
    await desktop.hand('answerDialog', { response: 0 })

    expect(shown).toMatchObject({ kind: 'message', options: { message: 'The file is missing' } })
  })

  it('survives a crash of the engine from the Developer menu, and answers the next question', async () => {
    const [pid = 0] = await desktop.hand('utilityPids')
    await desktop.hand('clickMenu', ['Developer', 'Crash the Engine'])
    await desktop.until(async () => {
      const pids = await desktop.hand('utilityPids')
      return pids.length === 1 && pids[0] !== pid
    })
    await entry(sampleFilmName).click()
    await page.getByRole('textbox', { name: 'Question' }).fill('Is there a fox?')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()

    const turn = page.getByRole('article', { name: 'Question: Is there a fox?' })
    await turn.getByRole('button', { name: 'Copy' }).waitFor()
  })

  it('shows the engine’s words and copies diagnostics without anything of the person’s', async () => {
    await desktop.hand('clickMenu', ['Developer', 'Show Logs'])
    const [shown] = await desktop.until(async () => {
      const dialogs = await desktop.hand('dialogs')
      return dialogs.length > 0 && dialogs
    })
    await desktop.hand('answerDialog', { response: 0 })
    expect(shown).toMatchObject({ kind: 'message', options: { buttons: ['Close', 'Copy All'] } })

    await desktop.hand('clickMenu', ['Developer', 'Copy Diagnostics'])
    const copied = await desktop.hand('clipboard')
    expect(JSON.parse(copied)).toMatchObject({ isPackaged: false, engine: { state: 'ready' } })
    expect(copied).not.toContain('dropped.mp4')
    expect(copied).not.toContain('fox')
  })
})

describe('the whole run', () => {
  it('wrote no error to its output', () => {
    expect(desktop.output).toBe('')
    expect(existsSync(join(folder, 'home', 'data', 'longlens.sqlite'))).toBe(true)
  })
})
