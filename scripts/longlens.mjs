// `npm run -s longlens -- …`: sets up what is missing, then runs the command line.
import { ensure, installVariants } from './ensure.mjs'
import { tellFailure } from './lib/messages.mjs'
import { startProgram } from './lib/start-program.mjs'

const args = process.argv.slice(2)
try {
  await ensure()
  // Fetching packages is the repository's business: the packaged program comes with its libraries.
  if (args[0] === 'engine' && args[1] === 'install') await installVariants(args.slice(2))
  else await startProgram(args)
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
