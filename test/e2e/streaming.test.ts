import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startWebServer, type WebServer } from '../../app/host/web/web-server'
import { openBrowser, openPage, whyNoBrowser } from '../helpers/browser'
import { repositoryRoot } from '../helpers/engine-libraries'
import { FakeAsk, type FakeCall } from '../helpers/fake-ask'
import { hostWorldWith, type HostWorld } from '../helpers/host-world'
import { hasFocus, Window } from './window'
import { eventually } from './world'

// How the window bears a fast model and a long conversation. Window, web host, services and database are real; only
// the words come from the test, because no model of this machine says five hundred a second.
const TOKENS_PER_SECOND = 500
const SECONDS = 6
const TURNS = 300

let host: HostWorld<FakeAsk>
let server: WebServer
let browser: Browser
let page: Page
let window: Window

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  host = hostWorldWith(new FakeAsk())
  server = await startWebServer({
    services: host.services,
    rendererFolder: join(repositoryRoot, 'build', 'renderer'),
    host: '127.0.0.1',
    port: 0,
    token: 'a-token-of-this-test-only',
  })
  browser = await openBrowser()
  page = (await openPage(browser)).page
  window = new Window(page)
  await window.open(server.url)
})

beforeEach(({ skip }) => {
  skip(whyNoBrowser !== '', whyNoBrowser)
})

afterAll(async () => {
  if (whyNoBrowser !== '') return
  await browser.close()
  await server.close()
  await host.end()
})

/** Markdown of every kind, as a model might write it, in pieces of one token each. */
function* words(): Generator<string, void> {
  for (let part = 1; ; part += 1) {
    const text =
      `## Part ${part}\n\nThe **fox** runs along the edge of the _forest_, past two trees and a small house, ` +
      `until it is out of sight.\n\n- a red fox\n- two trees, one of them bare\n- a house with a \`blue\` door\n\n` +
      `| Time | What |\n| --- | --- |\n| 00:0${part % 10} | fox |\n| 00:1${part % 10} | house |\n\n` +
      '```\nfox, tree, house\n```\n\n'
    yield* text.match(/\s*\S+|\s+$/g) ?? []
  }
}

interface Figures {
  readonly longTasks: readonly number[]
  readonly frames: number
}

/** Begins to watch the page's main thread; the returned function says what it saw. */
async function watchMainThread(): Promise<() => Promise<Figures>> {
  await page.evaluate(() => {
    const seen = { longTasks: [] as number[], frames: 0, isOver: false }
    Object.assign(globalThis, { seen })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longTasks.push(Math.round(entry.duration))
    }).observe({ type: 'longtask' })
    const count = () => {
      seen.frames += 1
      if (!seen.isOver) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  return () => page.evaluate(() => (globalThis as unknown as { seen: Figures }).seen)
}

async function stream(call: FakeCall, tokens: Iterator<string, void>): Promise<string> {
  let text = ''
  const startedMs = performance.now()
  for (let sent = 0; sent < TOKENS_PER_SECOND * SECONDS;) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * TOKENS_PER_SECOND)
    for (; sent < Math.min(due, TOKENS_PER_SECOND * SECONDS); sent += 1) {
      const token = tokens.next().value ?? ''
      text += token
      call.text(token)
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return text
}

it('500 tokens a second arrive whole; how long the main thread was busy is printed', async () => {
  await window.ask('What happens?')
  const call = await host.ask.nextCall()
  // The typesetting is loaded with the first words: that is start-up, not streaming.
  const tokens = words()
  for (let i = 0; i < 20; i++) call.text(tokens.next().value ?? '')
  await window.turn(0).getByRole('heading', { name: 'Part 1' }).waitFor()
  const figures = await watchMainThread()

  const text = await stream(call, tokens)
  const { longTasks, frames } = await figures()
  call.finish()
  const turn = await window.answered(0)

  const last =
    text
      .match(/## Part (\d+)/g)
      ?.at(-1)
      ?.slice(3) ?? ''
  await turn.getByRole('heading', { name: last, exact: true }).waitFor()
  console.log(
    `streaming ${TOKENS_PER_SECOND * SECONDS} tokens in ${SECONDS} s: ${frames} frames drawn, ` +
      `${longTasks.length} tasks over 50 ms, longest ${Math.max(0, ...longTasks)} ms`,
  )
})

it('the answer stays at its end while it streams, unless the person scrolled up', async () => {
  await window.ask('And then?')
  const call = await host.ask.nextCall()
  const scroller = page.getByRole('group', { name: 'Scrollable conversation' })
  const fromEnd = () =>
    scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
  const line = 'One more line of text.\n\n'
  for (let i = 0; i < 40; i++) call.text(line)
  await window.turn(1).getByText('One more line of text.').nth(39).waitFor()
  await eventually(fromEnd).toBeLessThan(2)

  await scroller.hover()
  await page.mouse.wheel(0, -400)
  await window.button('Latest').waitFor()
  const place = await scroller.evaluate((element) => element.scrollTop)
  for (let i = 0; i < 40; i++) call.text(line)
  await window.turn(1).getByText('One more line of text.').nth(79).waitFor({ state: 'attached' })
  expect(await scroller.evaluate((element) => element.scrollTop)).toBe(place)

  await window.button('Latest').click()
  await eventually(fromEnd).toBeLessThan(2)
  expect(await hasFocus(scroller)).toBe(true)
  call.finish()
  await window.answered(1)
})

it('what streams is announced politely, a sentence at a time', async () => {
  expect(await window.log.getAttribute('aria-live')).toBe('polite')
  await window.ask('Who?')
  const call = await host.ask.nextCall()
  const announced = page.locator('[data-announcer]')
  call.text('A **fox** appears. It ju')
  await eventually(() => announced.innerText()).toMatch(/A fox appears\.$/)
  call.text('mps.')
  call.finish()
  await eventually(() => announced.innerText()).toMatch(/It jumps\.$/)
})

it('Markdown cannot leave the machine: no links, no pictures, no HTML', async () => {
  await window.ask('Where?')
  const call = await host.ask.nextCall()
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  call.text(
    '[a link](https://example.org/) ![a picture](https://example.org/a.png) <img src=x onerror=alert(1)> ',
  )
  call.text('<script>alert(1)</script> https://example.org/ <b>bold</b> done')
  call.finish()
  const turn = await window.answered(3)
  await turn.getByText('done').waitFor()

  expect(await turn.locator('a, img, script, iframe').count()).toBe(0)
  expect(requests.filter((url) => !url.startsWith(server.url.slice(0, 18)))).toEqual([])
})

it('stopping keeps what was said, and going on continues it', async () => {
  await window.ask('What else?')
  const call = await host.ask.nextCall()
  call.text('A house, and')
  await window.turn(4).getByText('A house, and').waitFor()
  await window.question.press('Escape')
  await window.turn(4).getByText('Stopped.').waitFor()

  await window.turn(4).getByRole('button', { name: 'Go on' }).click()
  const next = await host.ask.nextCall()
  expect(next.options.continueReply).toBe('A house, and')
  next.text(' a tree.')
  next.finish()
  await window.answered(4)
  await window.turn(4).getByText('A house, and a tree.').waitFor()
})

it(`a conversation of ${TURNS} turns opens at its end and scrolls`, async () => {
  const { chat } = host.services
  const { id } = chat.create()
  for (let i = 0; i < TURNS; i++) {
    const turn = chat.ask(id, `Question ${i}`, [])
    const call = await host.ask.nextCall()
    call.text(`Answer **${i}**.\n\n- one\n- two\n\n${'A sentence of some length follows. '.repeat(4)}`)
    call.finish()
    const events = chat.follow(turn.id)
    for await (const event of events) if (event.kind === 'state' && event.turn.status === 'done') break
  }
  await page.reload()
  await window.log.getByRole('article', { name: `Question: Question ${TURNS - 1}`, exact: true }).waitFor()
  await eventually(() => window.log.getByRole('article').count()).toBe(TURNS)

  await window.log.getByRole('heading', { name: 'Question 0', exact: true }).scrollIntoViewIfNeeded()
  await window.log.getByText('Answer 0.').waitFor()
  const scrolled = await watchMainThread()
  const scroller = page.getByRole('group', { name: 'Scrollable conversation' })
  await scroller.hover()
  for (let i = 0; i < 30; i++) await page.mouse.wheel(0, 1500)
  const { longTasks } = await scrolled()
  console.log(
    `scrolling ${TURNS} turns: ${longTasks.length} tasks over 50 ms, longest ${Math.max(0, ...longTasks)} ms`,
  )
})

it('scrolled up, the conversation stays there while another part of a narrow window is shown', async () => {
  await page.setViewportSize({ width: 700, height: 800 })
  await page.getByRole('tab', { name: 'Conversation' }).click()
  await eventually(() => window.log.getByRole('article').count()).toBe(TURNS)
  const scroller = page.getByRole('group', { name: 'Scrollable conversation' })
  const fromEnd = () =>
    scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
  await eventually(fromEnd).toBeLessThan(2)
  await scroller.hover()
  await page.mouse.wheel(0, -2000)
  await eventually(fromEnd).toBeGreaterThan(1000)

  await page.getByRole('tab', { name: 'Viewer' }).click()
  await scroller.waitFor({ state: 'hidden' })
  await page.getByRole('tab', { name: 'Conversation' }).click()
  await scroller.waitFor()
  // Sizes are looked at after a frame is laid out.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)))
  expect(await fromEnd()).toBeGreaterThan(1000)
  await window.button('Latest').waitFor()
})
