// `npm start`: sets up what is missing, then opens the program. Until it has a window, that is the command line's help.
import { ensure } from './ensure.mjs'
import { tellFailure } from './lib/messages.mjs'
import { startProgram } from './lib/start-program.mjs'

try {
  await ensure()
  const args = process.argv.slice(2)
  await startProgram(args.length === 0 ? ['--help'] : args)
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
