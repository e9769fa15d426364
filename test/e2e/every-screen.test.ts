import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoBrowser } from '../helpers/browser'
import { sampleFilmName } from '../helpers/bundled-sample'
import { faultsFoundByAxe } from './window'
import { eventually, openWorld } from './world'

// Every screen, dialog, width and theme, as axe-core and a ruler see it.
const world = openWorld()
let folder: string

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  folder = mkdtempSync(join(tmpdir(), 'longlens-media-'))
  mkdirSync(join(folder, 'scans'))
  for (let i = 0; i < 30; i++) await picture(join('scans', `scan-${i}.png`))
  await picture('picture.png')
  await world.window.open(await world.program.url())
})

afterAll(() => {
  if (whyNoBrowser === '') rmSync(folder, { recursive: true, force: true })
})

async function picture(name: string): Promise<void> {
  await sharp({ create: { width: 400, height: 300, channels: 3, background: '#806020' } })
    .png()
    .toFile(join(folder, name))
}

/** What axe finds in both themes. */
async function faults(): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['dark', 'light'] as const) {
    await world.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const fault of await faultsFoundByAxe(world.page)) found.push(`${colorScheme}: ${fault}`)
  }
  await world.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  return found
}

async function withDialog(key: string, title: string): Promise<string[]> {
  await world.window.viewer.click({ position: { x: 5, y: 5 } })
  await world.page.keyboard.press(key)
  await world.page.getByRole('dialog', { name: title }).waitFor()
  const found = await faults()
  await world.page.keyboard.press('Escape')
  await world.page.getByRole('dialog').waitFor({ state: 'detached' })
  return found
}

describe('axe finds nothing', () => {
  it('in the empty window', async () => {
    expect(await faults()).toEqual([])
  })

  it('in what the model can do, one click from there', async () => {
    const button = world.page.getByRole('button', { name: 'What can Longlens-Tiny do?' })
    await button.click()
    await world.page.getByRole('article', { name: 'Model card' }).getByRole('heading').first().waitFor()
    expect(await faults()).toEqual([])
    await world.page.keyboard.press('Escape')
    await eventually(() => button.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('with a video open and suggestions', async () => {
    await world.window.openSample()
    expect(await faults()).toEqual([])
  })

  it('while a question is read and when it is stopped', async () => {
    await world.window.ask('What is there?')
    await world.window.progress.waitFor()
    const found = await faultsFoundByAxe(world.page)
    await world.window.question.press('Escape')
    await world.window.turn(0).getByRole('button', { name: 'Ask again' }).waitFor()
    expect([...found, ...(await faults())]).toEqual([])
  })

  it('with an answer', async () => {
    await world.window.turn(0).getByRole('button', { name: 'Ask again' }).click()
    await world.window.answered(0)
    expect(await faults()).toEqual([])
  })

  it('with a marked part and a question being written', async () => {
    await world.window.timeline.focus()
    await world.page.keyboard.press('Shift+ArrowRight')
    await world.page.keyboard.press('i')
    await world.window.question.fill('And here?')
    expect(await faults()).toEqual([])
  })

  it('in the keys, the settings and the models', async () => {
    const found = [
      ...(await withDialog('?', 'Keys')),
      ...(await withDialog('Control+,', 'Settings')),
      ...(await withDialog('m', 'Models')),
    ]
    expect(found).toEqual([])
  })

  it('in what a model can do, which opens, scrolls and closes by keys', async () => {
    await world.window.viewer.click({ position: { x: 5, y: 5 } })
    await world.page.keyboard.press('m')
    const dialog = world.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'What can this model do? Longlens-Tiny' }).press('Enter')
    const card = dialog.getByRole('article', { name: 'Model card' })
    // Of the card itself, and of the description of any model.
    await card.getByRole('heading', { name: /^Longlens-Tiny/ }).waitFor()
    await card.getByText('262,144 tokens').waitFor()
    const found = await faults()

    const scrolled = () => dialog.evaluate((element) => element.scrollTop)
    expect(await scrolled()).toBe(0)
    await world.page.keyboard.press('PageDown')
    await eventually(scrolled).toBeGreaterThan(100)
    // The way back stays where it was.
    expect(await dialog.getByRole('button', { name: 'All models' }).isVisible()).toBe(true)

    for (const width of [900, 420]) {
      await world.page.setViewportSize({ width, height: 700 })
      found.push(...(await faults()))
      const overflow = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)
      expect(overflow).toBe(0)
    }
    await world.page.setViewportSize({ width: 1440, height: 900 })

    await dialog.getByRole('button', { name: 'All models' }).press('Enter')
    const opener = dialog.getByRole('button', { name: 'What can this model do? Longlens-Tiny' })
    await eventually(() => opener.evaluate((element) => element === document.activeElement)).toBe(true)
    await world.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(found).toEqual([])
  })

  it('in the list of conversations', async () => {
    await world.page.getByRole('button', { name: 'What is there?' }).first().click()
    await world.page.getByRole('list', { name: 'Conversations' }).waitFor()
    expect(await faults()).toEqual([])
    await world.page.keyboard.press('Escape')
  })

  it('with a picture, a folder and a picture of the folder', async () => {
    await world.window.addPath(join(folder, 'picture.png'))
    await world.window.viewer.getByRole('img', { name: 'picture.png' }).waitFor()
    const found = await faults()
    await world.window.addPath(join(folder, 'scans'))
    const grid = world.window.viewer.getByRole('list', { name: 'scans' })
    await grid.getByRole('button').first().waitFor()
    found.push(...(await faults()))
    await grid.getByRole('button', { name: 'scan-3.png' }).click()
    await world.window.viewer.getByRole('img', { name: 'scan-3.png' }).waitFor()
    found.push(...(await faults()))
    expect(found).toEqual([])
  })

  it('with a file that went missing, whose viewer says what to do', async () => {
    const path = join(folder, 'gone.png')
    await picture('gone.png')
    await world.window.addPath(path)
    await world.window.viewer.getByRole('img', { name: 'gone.png' }).waitFor()
    rmSync(path)
    // Files are looked at again when the library is asked for, at most every five seconds.
    await eventually(async () => {
      await world.page.reload()
      await world.window.library.getByText('gone.png').waitFor()
      return world.window.viewer.getByText('The file is missing').count()
    }, 2000).toBe(1)
    expect(await faults()).toEqual([])

    await picture('gone.png')
    await eventually(async () => {
      const again = world.window.viewer.getByRole('button', { name: 'Look again' })
      if ((await again.count()) > 0) await again.click()
      return world.window.viewer.getByRole('img', { name: 'gone.png' }).count()
    }, 2000).toBe(1)
  })
})

describe('every width', () => {
  beforeAll(async () => {
    if (whyNoBrowser === '') await world.window.library.getByText(sampleFilmName).click()
  })

  it.each([
    ['wide', 1440, 900],
    ['medium', 950, 700],
    ['narrow', 700, 800],
    ['very large', 3840, 2160],
  ] as const)('%s: nothing is cut off, question and viewer can be reached', async (_, width, height) => {
    await world.page.setViewportSize({ width, height })
    await world.window.question.waitFor()
    expect(await faultsFoundByAxe(world.page)).toEqual([])
    const overflow = await world.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
    const box = await world.window.question.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(width)
    expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThanOrEqual(height)
  })

  it('the list of conversations lies in the window where the conversation is narrow', async () => {
    await world.page.setViewportSize({ width: 900, height: 700 })
    const separator = world.page.getByRole('separator', { name: 'Width of the conversation' })
    await separator.focus()
    for (let i = 0; i < 10; i++) await world.page.keyboard.press('ArrowRight')
    await world.page.getByRole('button', { name: 'What is there?' }).first().click()
    const list = world.page.getByRole('list', { name: 'Conversations' })
    await list.waitFor()
    const panel = await world.page.getByRole('region', { name: 'Questions and answers' }).boundingBox()
    expect(panel?.width).toBeLessThan(380)
    const remove = await list.getByRole('button', { name: 'Remove What is there?' }).first().boundingBox()
    expect((remove?.x ?? Infinity) + (remove?.width ?? 0)).toBeLessThanOrEqual(900)
    await world.page.keyboard.press('Escape')
  })

  it('the library comes out as a drawer where it has no room, and goes when something is opened', async () => {
    await world.page.setViewportSize({ width: 700, height: 800 })
    await world.page.getByRole('button', { name: 'Library', exact: true }).click()
    const drawer = world.page.getByRole('dialog', { name: 'Library drawer' })
    await drawer.waitFor()
    expect(await faultsFoundByAxe(world.page)).toEqual([])
    await drawer.getByText(sampleFilmName).click()
    await drawer.waitFor({ state: 'detached' })
    expect(await world.window.timeline.isVisible()).toBe(true)
  })

  it('in a narrow window asking shows the answers, and playhead and question box stay', async () => {
    await world.page.getByRole('tab', { name: 'Viewer' }).click()
    await world.window.ask('Is there a fox?')
    await world.window.turn(1).waitFor()
    expect(await world.page.getByRole('tab', { name: 'Conversation' }).getAttribute('aria-selected')).toBe(
      'true',
    )
    expect(await world.window.timeline.isVisible()).toBe(true)
    await world.window.answered(1)
  })
})

describe('themes', () => {
  const ground = () => world.page.evaluate(() => getComputedStyle(document.body).backgroundColor)

  it('follow the system until the person chooses, and the choice is there at the first paint', async () => {
    await world.page.setViewportSize({ width: 1440, height: 900 })
    await world.page.emulateMedia({ colorScheme: 'light' })
    expect(await ground()).toBe('rgb(250, 249, 247)')
    await world.page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground()).toBe('rgb(23, 22, 21)')

    await world.page.getByRole('button', { name: 'Settings' }).click()
    await world.page.getByRole('combobox', { name: 'Appearance' }).selectOption('light')
    await eventually(ground).toBe('rgb(250, 249, 247)')

    // Before the page has heard anything from the program.
    await world.page.routeWebSocket('**/rpc', () => undefined)
    await world.page.reload({ waitUntil: 'domcontentloaded' })
    expect(await ground()).toBe('rgb(250, 249, 247)')
  })
})

it('nothing went wrong in the page meanwhile', () => {
  expect(world.faults.filter((fault) => !fault.includes('404'))).toEqual([])
})
