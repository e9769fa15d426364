import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const rows = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, point, where] = /^\|\s*(\d+)\s*\|\s*(.*?)\s*\|\s*(.*?)\s*\|$/.exec(line) ?? []
    return number === undefined ? [] : [{ number: Number(number), point: point ?? '', where: where ?? '' }]
  })

/** `file`: `words`, `more words`; `file`: `words` */
function quotes(where: string): { file: string; words: string }[] {
  let file = ''
  return [...where.matchAll(/`([^`]+)`(:?)/g)].flatMap(([, text = '', colon]) => {
    if (colon === ':') file = text
    // Folders are named in the explanations.
    return colon === ':' || text.endsWith('/') ? [] : [{ file, words: text }]
  })
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

it('has every point of the list, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
})

it.each(rows)('point $number ($point) names words that are in the file', ({ where }) => {
  const named = quotes(where).filter(({ words }) => words !== 'ipcRenderer')

  expect(named.length).toBeGreaterThan(0)
  for (const { file, words } of named) expect(readFileSync(join(root, file), 'utf8')).toContain(words)
})

it.each(['enableBlinkFeatures', 'openExternal', 'allowpopups', 'sendSync'])(
  '%s is nowhere in main/',
  (name) => {
    expect(sourceFiles(join(root, 'main')).filter((text) => text.includes(name))).toEqual([])
  },
)
