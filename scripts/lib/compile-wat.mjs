// WebAssembly's text to a TypeScript module with its bytes. Runs on Node 24.
import initialise from 'wabt'

/**
 * @param {string} text
 * @param {string} file for messages, which name line and column of what is wrong
 * @returns {Promise<Uint8Array>}
 */
export async function compileWat(text, file) {
  const wabt = await initialise()
  const module = wabt.parseWat(file, text)
  try {
    module.validate()
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}

/**
 * The source of a module with these bytes, unformatted.
 * @param {Uint8Array} bytes
 * @param {string} constant
 * @param {string} from
 */
export function bytesAsSource(bytes, constant, from) {
  return `/** Made of ${from} by \`npm run compile-wat\`. */\nexport const ${constant} = new Uint8Array([${[...bytes].join(', ')}])\n`
}
