// Starts a built Electron program in plain Node, with the stand-in as the module `electron`:
//   node run.mjs <folder of the program> [files…]
// Node removes the types of the stand-in's files itself; the hook below finds them and the program's `electron`.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const standIn = new URL('./electron.ts', import.meta.url).href
const folder = fileURLToPath(new URL('.', import.meta.url))

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') return { url: standIn, shortCircuit: true }
    const isOurs = context.parentURL?.startsWith(pathToFileURL(folder).href) === true
    return next(isOurs && /^\.\/[\w-]+$/.test(specifier) ? `${specifier}.ts` : specifier, context)
  },
})

const [program = '.', ...files] = process.argv.slice(2)
const root = resolve(program)
const { main, version, productName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
// As Electron sets it for a program that is not packaged.
process.argv = [process.argv[0] ?? '', root, ...files]

const { app } = await import(standIn)
const { startHand } = await import(new URL('./hand.ts', import.meta.url).href)
const { boot } = await import(new URL('./lifecycle.ts', import.meta.url).href)
boot.describe({ name: productName, version })
startHand()
await import(pathToFileURL(join(root, main)).href)
// Like Electron, which is ready only after the program's main file has been run.
boot.appCodeLoaded(app)
