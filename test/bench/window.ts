/** The window in Debian's chromium: how soon it is there, and how long its main thread is busy while it works. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import sharp from 'sharp'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage } from '../helpers/browser'
import { BrowserProgram } from '../helpers/browser-program'
import { temporaryFolder } from '../helpers/make-media'
import { print, printMachine, secondsOf } from './measure'

const BENCH = 'window'
const STARTS = 5
const PICTURES = 5000

/** First contentful paint and the first typed letter, from the moment that `serve` says where it listens. */
async function start(run: number): Promise<void> {
  const browser = await openBrowser()
  const { page } = await openPage(browser)
  const program = new BrowserProgram()
  try {
    const url = await program.url()
    const readyMs = Date.now()
    const usable = await secondsOf(async () => {
      await page.goto(url, { waitUntil: 'commit' })
      await page.getByRole('textbox', { name: 'Question' }).fill('x')
    })
    const painted = await page.evaluate<number>(
      "performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime",
    )
    const figure = { bench: BENCH, variant: `start ${run}`, unit: 'ms' }
    print({ ...figure, what: 'first contentful paint from ready', value: painted - readyMs })
    print({ ...figure, what: 'usable from ready', value: usable * 1000 })
  } finally {
    await browser.close()
    await program.remove()
  }
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly args?: { readonly name?: string }
}

/** The longest task of the page's main thread during `work`, in milliseconds. */
async function longestTask(browser: Browser, work: () => Promise<void>): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]))
  })
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] },
  })
  await work()
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  await session.detach()
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const main = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread),
  )
  const tasks = events.filter((event) => event.name.endsWith('RunTask') && main.has(thread(event)))
  return Math.max(0, ...tasks.map(({ dur = 0 }) => dur / 1000))
}

async function askTheSample(browser: Browser, page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sample film' }).click()
  await page.getByRole('slider', { name: 'Timeline' }).waitFor()
  const ms = await longestTask(browser, async () => {
    await page.getByRole('textbox', { name: 'Question' }).fill('Summarize the video.')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Ask again' }).waitFor({ timeout: 120_000 })
  })
  print({
    bench: BENCH,
    what: 'longest task while reading and answering',
    variant: 'sample',
    value: ms,
    unit: 'ms',
  })
}

async function scrollTheGrid(browser: Browser, page: Page, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Add', exact: true }).first().click()
  await page.getByRole('button', { name: /^A path on the machine/ }).click()
  await page.getByRole('textbox', { name: /^File or folder on the machine/ }).fill(folder)
  const figure = { bench: BENCH, variant: `${PICTURES} pictures` }
  const grid = page.getByRole('region', { name: 'Viewer' }).getByRole('list')
  const opening = await secondsOf(async () => {
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await grid.getByRole('button').first().waitFor()
  })
  print({ ...figure, what: 'added and shown', value: opening * 1000, unit: 'ms' })
  await page.evaluate(
    '{ globalThis.drawn = 0; const count = () => { globalThis.drawn += 1; requestAnimationFrame(count) }; count() }',
  )
  await grid.hover()
  const startMs = performance.now()
  const ms = await longestTask(browser, async () => {
    for (let i = 0; i < 120; i += 1) {
      await page.mouse.wheel(0, 600)
      await page.waitForTimeout(25)
    }
  })
  const seconds = (performance.now() - startMs) / 1000
  const drawn = await page.evaluate<number>('globalThis.drawn')
  print({ ...figure, what: 'frames drawn while scrolling', value: drawn / seconds, unit: 'frames/s' })
  print({ ...figure, what: 'longest task while scrolling', value: ms, unit: 'ms' })
}

export async function run(): Promise<void> {
  printMachine(BENCH)
  for (let i = 1; i <= STARTS; i += 1) await start(i)
  const folder = temporaryFolder()
  const pictures = join(folder.path, 'pictures')
  mkdirSync(pictures)
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, noise, background: '#000' } })
    .jpeg()
    .toBuffer()
  for (let i = 0; i < PICTURES; i += 1) writeFileSync(join(pictures, `picture-${i}.jpg`), picture)
  const browser = await openBrowser()
  const program = new BrowserProgram()
  try {
    const { page } = await openPage(browser)
    await page.goto(await program.url())
    await askTheSample(browser, page)
    await scrollTheGrid(browser, page, pictures)
  } finally {
    await browser.close()
    await program.remove()
    folder.remove()
  }
}
