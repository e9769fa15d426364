// `npm run build`: the set-up alone.
import { ensure } from './ensure.mjs'
import { tellFailure } from './lib/messages.mjs'

try {
  await ensure()
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
