import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { answerScheme } from '../../../main/protocol/protocol-handler'
import { hostWorld, type HostWorld } from '../../helpers/host-world'
import type { FakeAsk } from '../../helpers/fake-ask'

let world: HostWorld<FakeAsk>
let windowFolder: string

beforeEach(() => {
  world = hostWorld()
  windowFolder = join(world.home, 'renderer')
  mkdirSync(join(windowFolder, 'assets'), { recursive: true })
  writeFileSync(join(windowFolder, 'index.html'), '<!doctype html>')
  writeFileSync(join(windowFolder, 'assets', 'a.js'), 'export {}')
})

afterEach(async () => {
  await world.end()
})

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return answerScheme(new Request(`longlens://app${path}`, init), { windowFolder, services: world.services })
}

async function addFilm(): Promise<string> {
  const path = world.file('film.mp4', 'abcdefghij')
  for await (const event of world.services.library.add([path]))
    if (event.kind === 'added') return event.item.id
  throw new Error('expected the film to be added')
}

it('serves the page and its files with their types and the content policy', async () => {
  const page = await ask('/')
  const script = await ask('/assets/a.js')

  expect(await page.text()).toBe('<!doctype html>')
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
})

it('serves parts of an item, and its type', async () => {
  const id = await addFilm()
  const whole = await ask(`/media/${id}/source`)
  const part = await ask(`/media/${id}/source`, { headers: { range: 'bytes=2-4' } })
  const beyond = await ask(`/media/${id}/source`, { headers: { range: 'bytes=99-' } })

  expect(await whole.text()).toBe('abcdefghij')
  expect(part.status).toBe(206)
  expect(await part.text()).toBe('cde')
  expect(part.headers.get('content-range')).toBe('bytes 2-4/10')
  expect(beyond.status).toBe(416)
  expect(whole.headers.get('content-security-policy')).toBe(
    "default-src 'none'; sandbox; frame-ancestors 'none'",
  )
})

it.each([
  '/media/abcdefgh/source',
  '/media/../film.mp4',
  '/media/%2e%2e/film.mp4',
  '/%2e%2e/film.mp4',
  '/..%2ffilm.mp4',
  '/assets/..%5c..%5cfilm.mp4',
  '/assets/link.js',
  '/nothing.js',
])('has nothing at %s', async (path) => {
  world.file('film.mp4')
  writeFileSync(join(world.home, 'secret.js'), 'secret')
  symlinkSync(join(world.home, 'secret.js'), join(windowFolder, 'assets', 'link.js'))

  expect((await ask(path)).status).toBe(404)
})

it('stops serving an item that was removed', async () => {
  const id = await addFilm()
  world.services.library.remove(id)

  const answer = await ask(`/media/${id}/source`)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'gone' })
})

it('refuses other hosts of the scheme, and requests that another page sent', async () => {
  const parts = { windowFolder, services: world.services }
  expect((await answerScheme(new Request('longlens://other/'), parts)).status).toBe(403)
  expect(
    (
      await ask('/upload?name=a.png', {
        method: 'PUT',
        body: 'x',
        headers: { origin: 'https://example.org' },
      })
    ).status,
  ).toBe(403)
  expect((await ask('/', { headers: { origin: 'longlens://app' } })).status).toBe(200)
})

it('reads only, except for uploads', async () => {
  const id = await addFilm()
  expect((await ask('/', { method: 'DELETE' })).status).toBe(405)
  expect((await ask(`/media/${id}/source`, { method: 'PUT', body: 'x' })).status).toBe(405)
  expect((await ask('/upload?name=a.png')).status).toBe(405)
})

it('keeps what is sent in a folder of its own, whatever the name says', async () => {
  const answer = await ask('/upload?name=..%2F..%2Fpasted.png', { method: 'PUT', body: 'picture' })

  const path = join(world.home, 'data', 'uploads', 'pasted.png')
  expect(answer.status).toBe(201)
  expect(await answer.json()).toEqual({ path })
  expect(readFileSync(path, 'utf8')).toBe('picture')
})

it('refuses an upload without a usable name, in words', async () => {
  const answer = await ask('/upload', { method: 'PUT', body: 'picture' })

  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'invalid_input' })
  expect(existsSync(join(world.home, 'data', 'uploads', 'pasted.png'))).toBe(false)
})

it('keeps nothing of an upload that breaks off', async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1, 2, 3]))
      controller.error(new Error('the page went away'))
    },
  })
  const answer = await ask('/upload?name=half.png', { method: 'PUT', body, duplex: 'half' })

  expect(answer.status).not.toBe(201)
  expect(existsSync(join(world.home, 'data', 'uploads', 'half.png'))).toBe(false)
})

it('does not understand an address that is not valid UTF-8', async () => {
  expect((await ask('/%ff.js')).status).toBe(400)
})
