import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { WebServer } from '../../app/host/web/web-server'
import { collect } from '../helpers/collect'
import { hostWorldWith } from '../helpers/host-world'
import { FakeAsk } from '../helpers/fake-ask'
import { startTestServer, TEST_TOKEN } from '../helpers/transports'

const MAX_UPLOAD = 4 * 2 ** 20

let world: ReturnType<typeof hostWorldWith<FakeAsk>>
let server: WebServer
let renderer: string
let cookie: string
beforeEach(async () => {
  renderer = mkdtempSync(join(tmpdir(), 'longlens-renderer-'))
  mkdirSync(join(renderer, 'assets'))
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>Longlens</title>')
  writeFileSync(join(renderer, 'assets', 'app-1.js'), 'export {}')
  writeFileSync(join(renderer, '.secret.js'), 'hidden')
  world = hostWorldWith(new FakeAsk(), { maxUploadBytes: MAX_UPLOAD })
  server = await startTestServer(world.services, renderer)
  cookie = `longlens-${server.port}=${TEST_TOKEN}`
})
afterEach(async () => {
  await server.close()
  await world.end()
  rmSync(renderer, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request as it is written, without what fetch() forbids or normalises. */
function send(
  path: string,
  headers: Record<string, string> = {},
  more: { method?: string; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: server.port,
      path,
      method: more.method ?? 'GET',
      headers,
      agent: false,
    }
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        })
      })
    })
    sent.on('error', reject)
    sent.end(more.body)
  })
}

const mine = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  send(path, { cookie, ...headers })

async function add(path: string): Promise<string> {
  const event = (await collect(world.services.library.add([path]))).at(-1)
  if (event?.kind !== 'added') throw new Error(`${path} was refused`)
  return event.item.id
}

describe('who is let in', () => {
  it('trades the token in the address for a cookie, and the cookie opens the window', async () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/?token=${TEST_TOKEN}`)
    const traded = await send(`/?token=${TEST_TOKEN}`)
    expect(traded.status).toBe(303)
    expect(traded.headers).toMatchObject({
      location: '/',
      'set-cookie': [`${cookie}; HttpOnly; SameSite=Strict; Path=/`],
    })
    expect(await mine('/')).toMatchObject({ status: 200, body: '<!doctype html><title>Longlens</title>' })
  })

  it.each(['/', '/?token=wrong', '/assets/app-1.js', '/media/aaaaaaaaaa/source', '/upload'])(
    'keeps %s from those without the token',
    async (path) => {
      expect((await send(path)).status).toBe(401)
      expect((await send(path, { cookie: `longlens-${server.port}=wrong` })).status).toBe(401)
    },
  )

  it.each<[string, Record<string, string>]>([
    ['a foreign name that points here', { host: 'evil.example:80' }],
    ['our address with another port', { host: '127.0.0.1:1' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['an origin that hides', { origin: 'null' }],
    ['a picture on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a page on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ])('refuses %s, even with the cookie', async (_, headers) => {
    expect((await mine('/assets/app-1.js', headers)).status).toBe(403)
  })

  it('takes its own origin, the name localhost, and a link from elsewhere to the window', async () => {
    const origin = `http://localhost:${server.port}`
    expect((await mine('/assets/app-1.js', { host: `localhost:${server.port}`, origin })).status).toBe(200)
    expect((await mine('/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).status).toBe(
      200,
    )
  })

  it.each<[string, string, Record<string, string>]>([
    ['no cookie', '/rpc', { cookie: '' }],
    ['another origin', '/rpc', { origin: 'http://evil.example' }],
    ['a foreign host', '/rpc', { host: 'evil.example' }],
    ['another address', '/other', {}],
  ])('refuses a WebSocket with %s', async (_, path, headers) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: { cookie, ...headers } })
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(error.message).toBe('Unexpected server response: 403')
  })

  it('ends a WebSocket that sends more than 16 MiB in one message', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, { headers: { cookie } })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.on('error', () => undefined)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.send('x'.repeat(16 * 2 ** 20 + 1))
    expect(await closed).toBe(1009)
  })
})

describe('the window', () => {
  it('comes with a strict policy', async () => {
    const { headers } = await mine('/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
        `font-src 'self'; connect-src 'self' ws://127.0.0.1:${server.port}; worker-src 'self'; manifest-src 'self'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    })
    expect((await mine('/assets/app-1.js')).headers['cache-control']).toContain('immutable')
  })

  it.each([
    '/nothing',
    '/.secret.js',
    '/..%2f..%2fetc%2fpasswd',
    '/../../../etc/passwd',
    '/assets/%2e%2e/.secret.js',
    '/assets/..%5c..%5cx.js',
    '/assets//app-1.js',
    '/%00.js',
    '/assets',
  ])('has nothing at %s', async (path) => {
    expect((await mine(path)).status).toBe(404)
  })

  it('does not follow a link out of its folder', async () => {
    writeFileSync(join(world.home, 'outside.js'), 'secret')
    symlinkSync(join(world.home, 'outside.js'), join(renderer, 'assets', 'link.js'))
    expect((await mine('/assets/link.js')).status).toBe(404)
  })

  it('says in words that it is not built, and what it cannot understand', async () => {
    rmSync(join(renderer, 'index.html'))
    expect((await mine('/')).status).toBe(503)
    expect((await mine('/%zz')).status).toBe(400)
    expect((await send('/', { cookie }, { method: 'POST' })).status).toBe(405)
  })
})

describe('media', () => {
  const content = Array.from({ length: 1000 }, (_, index) => String(index % 10)).join('')

  it.each([
    ['bytes=0-4', 206, '01234', 'bytes 0-4/1000'],
    ['bytes=998-', 206, '89', 'bytes 998-999/1000'],
    ['bytes=-3', 206, '789', 'bytes 997-999/1000'],
    ['bytes=990-2000', 206, '0123456789', 'bytes 990-999/1000'],
    ['bytes=1000-', 416, '', 'bytes */1000'],
    ['bytes=5-1', 200, content, undefined],
    ['lines=1-2', 200, content, undefined],
  ])('answers Range %s with %i', async (range, status, body, contentRange) => {
    const id = await add(world.file('a.mp4', content))
    const answer = await mine(`/media/${id}/source`, { range })
    expect(answer).toMatchObject({ status, body })
    expect(answer.headers['content-range']).toBe(contentRange)
    expect(answer.headers['accept-ranges']).toBe('bytes')
  })

  it('sends several ranges as parts', async () => {
    const id = await add(world.file('a.mp4', content))
    const answer = await mine(`/media/${id}/source`, { range: 'bytes=0-1,-2' })
    const boundary = /boundary=(\w+)/.exec(answer.headers['content-type'] ?? '')?.[1] ?? ''
    const part = (range: string, text: string): string =>
      `\r\n--${boundary}\r\ncontent-type: video/mp4\r\ncontent-range: bytes ${range}/1000\r\n\r\n${text}`
    expect(answer.status).toBe(206)
    expect(answer.body).toBe(`${part('0-1', '01')}${part('998-999', '89')}\r\n--${boundary}--\r\n`)
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
  })

  it('answers HEAD, If-None-Match and If-Range', async () => {
    const id = await add(world.file('a.mp4', content))
    const head = await send(`/media/${id}/source`, { cookie, range: 'bytes=0-9' }, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 206, body: '' })
    expect(head.headers['content-length']).toBe('10')
    const etag = head.headers.etag ?? ''
    expect((await mine(`/media/${id}/source`, { 'if-none-match': etag })).status).toBe(304)
    expect((await mine(`/media/${id}/source`, { 'if-range': etag, range: 'bytes=0-0' })).status).toBe(206)
    expect((await mine(`/media/${id}/source`, { 'if-range': '"older"', range: 'bytes=0-0' })).status).toBe(
      200,
    )
  })

  it('sends an empty file', async () => {
    const id = await add(world.file('a.mp4', ''))
    expect(await mine(`/media/${id}/source`)).toMatchObject({ status: 200, body: '' })
  })

  it('makes files of the person harmless as pages', async () => {
    const id = await add(world.file('a.mp4', '<script>alert(1)</script>'))
    expect((await mine(`/media/${id}/source`)).headers).toMatchObject({
      'content-type': 'video/mp4',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
  })

  it('serves thumbnails, frames, pages and entries', async () => {
    mkdirSync(join(world.home, 'scans'))
    world.file('scans/one.png', 'first picture')
    const video = await add(world.file('a.mp4'))
    const folder = await add(join(world.home, 'scans'))
    expect((await mine(`/media/${video}/thumbnail?width=200`)).headers['content-type']).toBe('image/jpeg')
    await mine(`/media/${video}/frame?seconds=4.25&width=900`)
    await mine(`/media/${folder}/thumbnail?entry=0`)
    await mine(`/media/${folder}/page?entry=0&page=0`)
    expect(world.media.previews).toEqual([
      'frame 1 at 320',
      'frame 4.25 at 960',
      'page 0 at 320',
      'page 0 at 1280',
    ])
    expect(await mine(`/media/${folder}/entry/0/source`)).toMatchObject({
      status: 200,
      body: 'first picture',
    })
  })

  it('serves nothing that is not in the library', async () => {
    const path = world.file('a.mp4', 'secret')
    const id = await add(path)
    world.services.library.remove(id)
    for (const at of [id, 'aaaaaaaaaaaa', '..%2f..%2fetc', '%2e%2e']) {
      expect((await mine(`/media/${at}/source`)).status).toBe(404)
    }
    expect((await mine(`/media/${id}/entry/0/../../source`)).status).toBe(404)
  })

  it.each([
    'frame?seconds=-1',
    'frame?seconds=',
    'frame?seconds=NaN',
    'frame',
    'thumbnail?width=0',
    'thumbnail?width=1e9',
  ])('refuses %s in words', async (what) => {
    const id = await add(world.file('a.mp4'))
    const answer = await mine(`/media/${id}/${what}`)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'invalid_input',
      title: 'That request could not be understood',
    })
  })

  it('refuses a file that became a link after it was added', async () => {
    const path = world.file('a.mp4', 'film')
    const id = await add(path)
    rmSync(path)
    symlinkSync('/etc/hostname', path)
    expect((await mine(`/media/${id}/source`)).status).toBe(404)
  })
})

describe('uploads', () => {
  const put = (path: string, body: Buffer): Promise<Answer> => send(path, { cookie }, { method: 'PUT', body })
  const uploads = (): string[] => readdirSync(join(world.home, 'data', 'uploads'))

  it('writes the file to the host and answers with its path, ready to be added', async () => {
    const answer = await put('/upload?name=film.mp4', Buffer.from('film'))
    expect(answer.status).toBe(201)
    const { path } = JSON.parse(answer.body) as { path: string }
    expect(path).toBe(join(world.home, 'data', 'uploads', 'film.mp4'))
    expect(await mine(`/media/${await add(path)}/source`)).toMatchObject({ body: 'film' })
  })

  it('refuses what is over the cap before reading it', async () => {
    await put('/upload?name=small.mp4', Buffer.from('x'))
    const tooLong = { cookie, 'content-length': String(MAX_UPLOAD + 1) }
    const answer = await send('/upload?name=big.mp4', tooLong, { method: 'PUT' })
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'upload_too_large', details: { limit: '4.0 MB' } })
    expect(uploads()).toEqual(['small.mp4'])
  })

  it('removes what had arrived when the sender hangs up', async () => {
    await put('/upload?name=small.mp4', Buffer.from('x'))
    const options = { host: '127.0.0.1', port: server.port, path: '/upload?name=film.mp4', method: 'PUT' }
    const sent = request({ ...options, headers: { cookie, 'content-length': '1000000' } })
    sent.on('error', () => undefined)
    sent.write(Buffer.alloc(1000))
    while (uploads().length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    sent.destroy()
    while (uploads().length > 1) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(uploads()).toEqual(['small.mp4'])
  })

  it('keeps the files of a folder together and answers with the path of the folder', async () => {
    const answer = await put('/upload?name=1.png&folder=scans%2Fold&sending=abcdefgh', Buffer.from('x'))
    expect(JSON.parse(answer.body)).toEqual({
      path: join(world.home, 'data', 'uploads', 'abcdefgh', 'scans'),
    })
    expect(readdirSync(join(world.home, 'data', 'uploads', 'abcdefgh', 'scans', 'old'))).toEqual(['1.png'])
    expect((await put('/upload?name=1.png&folder=..&sending=abcdefgh', Buffer.from('x'))).status).toBe(400)
  })

  it('needs a name and PUT', async () => {
    expect((await put('/upload', Buffer.from('x'))).status).toBe(400)
    expect((await mine('/upload?name=a.mp4')).status).toBe(405)
  })
})

describe('closing', () => {
  it('says goodbye to open sockets and refuses new connections', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, { headers: { cookie } })
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await server.close()
    expect(await closed).toBe(1001)
    await expect(mine('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('says which address cannot be used', async () => {
    const { startWebServer } = await import('../../app/host/web/web-server')
    const again = startWebServer({
      services: world.services,
      rendererFolder: renderer,
      host: '127.0.0.1',
      port: server.port,
      token: 'x',
    })
    await expect(again).rejects.toMatchObject({
      code: 'invalid_input',
      details: { reason: expect.stringContaining('EADDRINUSE') as string },
    })
  })
})
