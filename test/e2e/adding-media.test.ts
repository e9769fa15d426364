import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ffmpeg, makeNumberedVideo } from '../helpers/make-media'
import { whyNoBrowser } from '../helpers/browser'
import { faultsFoundByAxe, hasFocus } from './window'
import { eventually, openWorld } from './world'

// Every way in, and every viewer: dropped and pasted files, folders, paths; videos, pictures, pages, grids.
const world = openWorld()
let folder: string

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  folder = mkdtempSync(join(tmpdir(), 'longlens-media-'))
  await makeMedia()
  await world.window.open(await world.program.url())
})

afterAll(() => {
  if (whyNoBrowser === '') rmSync(folder, { recursive: true, force: true })
})

function picture(width: number, height: number, color: string): Sharp {
  return sharp({ create: { width, height, channels: 3, background: color } })
}

async function makeMedia(): Promise<void> {
  makeNumberedVideo(join(folder, 'film.mp4'), { frames: 100 })
  // A codec that no browser plays.
  makeNumberedVideo(join(folder, 'old.avi'), { frames: 50, output: ['-c:v', 'mpeg4', '-q:v', '2'] })
  await picture(64, 48, '#c03030').png().toFile(join(folder, 'red.png'))
  // Lies on its side: 60 × 40 as stored, 40 × 60 upright.
  await picture(60, 40, '#3030c0').withMetadata({ orientation: 6 }).jpeg().toFile(join(folder, 'turned.jpg'))
  const pages = ['#102030', '#405060', '#708090'].map((color, index) => {
    const name = join(folder, `page-${index}.png`)
    return picture(32, 32, color)
      .png()
      .toFile(name)
      .then(() => name)
  })
  await Promise.all(pages)
  ffmpeg(['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=5:duration=2', join(folder, 'moving.gif')])
  const scans = join(folder, 'scans')
  mkdirSync(join(scans, 'old'), { recursive: true })
  const small = await picture(16, 12, '#30a030').png().toBuffer()
  for (let i = 0; i < 300; i++) writeFileSync(join(scans, `scan-${i}.png`), small)
  writeFileSync(join(scans, 'old', 'first.png'), small)
  writeFileSync(join(scans, 'notes.txt'), 'not a picture')
}

async function entryNames(): Promise<string[]> {
  const names = await world.window.library.getByRole('listitem').allInnerTexts()
  return names.map((text) => text.split('\n')[0] ?? '')
}

it('dropping a video and a picture adds both, opens the first, and asks about both', async () => {
  await world.window.drop([join(folder, 'film.mp4'), join(folder, 'red.png')])

  await world.window.library.getByText('red.png').waitFor()
  await world.window.library.getByText('film.mp4').waitFor()
  expect((await entryNames()).sort()).toEqual(['film.mp4', 'red.png'])
  await world.window.button('Leave out film.mp4').waitFor()
  await world.window.button('Leave out red.png').waitFor()
})

it('dragging says what dropping will do', async () => {
  const { page } = world
  await page.evaluate(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['x'], 'a.png', { type: 'image/png' }))
    transfer.items.add(new File(['x'], 'b.png', { type: 'image/png' }))
    transfer.items.add(new File(['x'], 'c.mp4', { type: 'video/mp4' }))
    const event = { dataTransfer: transfer, bubbles: true, cancelable: true }
    document.body.dispatchEvent(new DragEvent('dragover', event))
  })
  await page.getByText('Add 2 images and 1 video').waitFor()
  await page.evaluate(() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true })))
  await page.getByText('Add 2 images and 1 video').waitFor({ state: 'detached' })
})

it('what is in the question can be taken out before asking', async () => {
  await world.window.button('Leave out red.png').click()
  await world.window.button('Leave out film.mp4').click()
  expect(await world.window.chips.count()).toBe(0)
  await world.window.button('Ask about film.mp4').click()
  expect(await world.window.chips.count()).toBe(1)
})

it('a pasted picture is added', async () => {
  await world.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(20, 10)
    canvas.getContext('2d')?.fillRect(0, 0, 20, 10)
    const transfer = new DataTransfer()
    transfer.items.add(new File([await canvas.convertToBlob()], 'image.png', { type: 'image/png' }))
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))
  })
  await world.window.library.getByText('image.png').waitFor()
  await world.window.viewer.getByRole('img', { name: 'image.png' }).waitFor()
})

it('a folder chosen in the browser stays one folder, with its pictures and those below', async () => {
  await world.page.getByLabel('Choose a folder').first().setInputFiles(join(folder, 'scans'))

  const entry = world.window.library.getByRole('listitem').filter({ hasText: 'scans' })
  await entry.getByText('301 files').waitFor()
  await world.window.viewer.getByRole('list', { name: 'scans' }).waitFor()
})

it('the grid of a folder draws only what is in sight, and is walked through with the arrows', async () => {
  const grid = world.window.viewer.getByRole('list', { name: 'scans' })
  await grid.getByRole('button').first().waitFor()
  expect(await grid.getByRole('listitem').count()).toBeLessThan(100)

  await grid.locator('button[tabindex="0"]').focus()
  await world.page.keyboard.press('End')
  await grid.getByRole('button', { name: 'scan-299.png' }).waitFor()
  await world.page.keyboard.press('Enter')
  await world.window.viewer.getByRole('img', { name: 'scan-299.png' }).waitFor()
  await world.page.keyboard.press('Escape')
  await grid.waitFor()
  // Back where the person was, with the keyboard on it.
  await eventually(() => world.page.evaluate(() => document.activeElement?.getAttribute('title'))).toBe(
    'scan-299.png',
  )
})

it('a scroll asks for the pictures that it ends at, not for those that it passes by', async () => {
  const grid = world.window.viewer.getByRole('list', { name: 'scans' })
  const asked = new Set<string>()
  world.page.on('request', (request) => {
    if (request.url().includes('/thumbnail')) asked.add(request.url())
  })
  // A screen in each frame: no picture is in sight for long, however slow the machine is.
  await grid.evaluate(async (list) => {
    const scroller = list.closest('[data-uses-arrows]') ?? list
    while (scroller.scrollTop > 0) {
      scroller.scrollTop -= scroller.clientHeight
      await new Promise(requestAnimationFrame)
    }
  })
  const first = grid.getByRole('listitem').filter({ hasText: 'first.png' }).locator('img')
  await eventually(() => first.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  expect(asked.size).toBeLessThan(200)
})

it('the keys for pages turn the pictures of a folder also from the picture, which keeps the focus', async () => {
  const grid = world.window.viewer.getByRole('list', { name: 'scans' })
  await grid.getByRole('button', { name: 'scan-3.png' }).click()
  await world.window.viewer.getByRole('group', { name: /^scan-3\.png: / }).focus()
  await world.page.keyboard.press('PageDown')
  const next = world.window.viewer.getByRole('group', { name: /^scan-4\.png: / })
  await next.getByRole('img', { name: 'scan-4.png' }).waitFor()
  expect(await next.evaluate((element) => element === document.activeElement)).toBe(true)
  await world.page.keyboard.press('Escape')
  await grid.waitFor()
})

it('a picture is shown upright, fits, zooms and fits again', async () => {
  await world.window.addPath(join(folder, 'turned.jpg'))
  const shown = world.window.viewer.getByRole('img', { name: 'turned.jpg' })
  await shown.waitFor()
  const box = await shown.boundingBox()
  expect([box?.width, box?.height]).toEqual([40, 60])

  await world.window.button(/^Zoom in/).click()
  expect((await shown.boundingBox())?.width).toBeCloseTo(60)
  await world.window.button(/^Fit/).click()
  expect((await shown.boundingBox())?.width).toBeCloseTo(40)
})

it('a video that no browser plays is shown in exact frames', async () => {
  await world.window.addPath(join(folder, 'old.avi'))
  await world.window.viewer.getByText('Shown frame by frame').waitFor()
  const shown = world.window.viewer.getByRole('img', { name: 'old.avi' })
  const first = await shown.getAttribute('src')
  await world.page.locator('body').click({ position: { x: 700, y: 300 } })
  await world.page.keyboard.press('.')
  await eventually(() => shown.getAttribute('src')).not.toBe(first)
  await eventually(() => shown.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(320)
})

it('a moving GIF has a timeline', async () => {
  await world.window.addPath(join(folder, 'moving.gif'))
  await world.window.viewer.getByRole('img', { name: 'moving.gif' }).waitFor()
  expect(await world.window.timeline.getAttribute('aria-valuemax')).toBe('2')
})

it('a path with nothing there is refused in words, with a button that tries again', async () => {
  await world.window.addPath(join(folder, 'missing.mp4'))
  const notice = world.page.getByRole('alert').filter({ hasText: 'The file is missing' })
  await notice.getByText('"missing.mp4" is not there any more, or never was.').waitFor()

  makeNumberedVideo(join(folder, 'missing.mp4'), { frames: 25 })
  await notice.getByRole('button', { name: 'Try again' }).click()
  await world.window.library.getByText('missing.mp4').waitFor()
  expect(await notice.count()).toBe(0)
})

it('what is removed from the library can be brought back, at once by key', async () => {
  const pasted = world.window.library.getByRole('listitem').filter({ hasText: 'image.png' })
  await pasted.hover()
  await pasted.getByRole('button', { name: 'Remove image.png from the library' }).click()
  await pasted.waitFor({ state: 'detached' })
  expect(await hasFocus(world.window.button('Undo'))).toBe(true)
  const entry = world.window.library.getByRole('listitem').filter({ hasText: 'moving.gif' })
  await entry.hover()
  await entry.getByRole('button', { name: 'Remove moving.gif from the library' }).click()
  await entry.waitFor({ state: 'detached' })
  expect(await hasFocus(world.window.button('Undo'))).toBe(true)
  await world.page.keyboard.press('Enter')
  await entry.waitFor()
})

it('what is dropped while something else is being sent is added too', async () => {
  const names = ['early.png', 'later.png']
  for (const name of names) await picture(16, 12, '#3030a0').png().toFile(join(folder, name))
  // The first is on its way for as long as the test likes.
  let letArrive = (): void => undefined
  const held = new Promise<void>((resolve) => (letArrive = resolve))
  await world.page.route(/\/upload\?.*early/, async (route) => {
    await held
    await route.continue()
  })
  await world.window.drop([join(folder, 'early.png')])
  await world.page.getByText('Sending 1 image').waitFor()
  await world.window.drop([join(folder, 'later.png')])
  await world.page.getByText(/^Sending 1 image: .*then 1 more$/).waitFor()
  letArrive()

  for (const name of names) await world.window.library.getByText(name).waitFor()
  await world.page.unrouteAll()
})

/** Whether nothing of an element has to be scrolled to. */
function isWholeInSight(element: Element): boolean {
  return [element, ...element.children].every((part) => part.scrollHeight <= part.clientHeight)
}

it('where the library has no room, what was refused and removed stands above the status bar', async () => {
  const { page } = world
  await world.window.library.getByText('moving.gif').click()
  await page.setViewportSize({ width: 900, height: 800 })
  writeFileSync(join(folder, 'letter.txt'), 'not a picture')
  await world.window.drop([join(folder, 'letter.txt')])
  const news = page.getByRole('region', { name: 'News of the library' })
  await news.getByRole('alert').getByText('This kind of file is not supported').waitFor()
  expect(await news.evaluate(isWholeInSight)).toBe(true)
  expect(await faultsFoundByAxe(page)).toEqual([])
  await news.getByRole('button', { name: 'Close' }).click()
  await news.waitFor({ state: 'detached' })

  const opener = page.getByRole('button', { name: 'Library', exact: true })
  await opener.click()
  const drawer = page.getByRole('dialog', { name: 'Library drawer' })
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)

  await opener.click()
  await drawer.getByRole('listitem').filter({ hasText: 'moving.gif' }).hover()
  await drawer.getByRole('button', { name: 'Remove moving.gif from the library' }).click()
  await drawer.waitFor({ state: 'detached' })
  await news.getByRole('button', { name: 'Undo' }).waitFor()
  expect(await news.evaluate(isWholeInSight)).toBe(true)
  await news.getByRole('button', { name: 'Undo' }).click()
  await news.waitFor({ state: 'detached' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await world.window.library.getByText('moving.gif').waitFor()
})

it('of a library of many only the entries in sight exist, and the last can be reached', async () => {
  const many = Array.from({ length: 90 }, (_, index) => join(folder, `many-${index}.png`))
  const small = await picture(16, 12, '#a0a030').png().toBuffer()
  for (const path of many) writeFileSync(path, small)
  await world.window.drop(many)
  await world.window.library.getByText('many-89.png').waitFor()

  const entries = world.window.library.getByRole('listitem')
  expect(await entries.count()).toBeLessThan(60)
  expect(Number(await entries.first().getAttribute('aria-setsize'))).toBeGreaterThan(90)
  await world.window.library.hover()
  await world.page.mouse.wheel(0, 20_000)
  await world.window.library.getByText('red.png').waitFor()
})

it('nothing went wrong in the page meanwhile', () => {
  expect(world.faults).toEqual([])
})
