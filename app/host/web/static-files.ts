import { open, realpath } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { commonHeaders, pagePolicy } from './security-headers'
import { sendText } from './send'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
}

/** Serves the built window. `path` is decoded and begins with a slash; `/` is index.html, nothing else falls back. */
export async function sendStatic(
  response: ServerResponse,
  folder: string,
  path: string,
  request: { host: string; isHead: boolean },
): Promise<void> {
  const found = await findWindowFile(folder, path)
  if (found === null) {
    if (path === '/')
      sendText(response, 503, 'The window is not built yet. Run "npm start", then reload this page.')
    else sendText(response, 404, 'There is nothing at this address.')
    return
  }
  const { file, type } = found
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    // Built files carry a hash of their content in their names; the page that names them does not.
    const isHashed = path.startsWith('/assets/')
    response.writeHead(200, {
      ...commonHeaders,
      'content-security-policy': pagePolicy(request.host),
      'content-type': type,
      'content-length': size,
      'cache-control': isHashed ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    if (request.isHead) response.end()
    else await pipeline(handle.createReadStream({ autoClose: false }), response)
  } finally {
    await handle.close()
  }
}

/**
 * The file of the built window that a path means, links resolved, with its content type; `path` as in `sendStatic`.
 * null for what is missing, hidden, of another kind, or leads out of the folder.
 */
export async function findWindowFile(
  folder: string,
  path: string,
): Promise<{ file: string; type: string } | null> {
  const name = path === '/' ? '/index.html' : path
  const type = types[extname(name)]
  const file = type === undefined ? null : await findFile(folder, name)
  return type === undefined || file === null ? null : { file, type }
}

async function findFile(folder: string, path: string): Promise<string | null> {
  const steps = path.split('/').slice(1)
  if (steps.some((step) => step === '' || step.startsWith('.') || step.includes('\\') || step.includes('\0')))
    return null
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, ...steps))
    return file.startsWith(root + sep) ? file : null
  } catch {
    return null
  }
}
