// `npm run compile-wat`: the compiled form of app/domain/pixels/resample-passes.wat, which a test compares with it.
// Runs on Node 24.
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { bytesAsSource, compileWat } from './lib/compile-wat.mjs'
import { inRoot } from './lib/paths.mjs'

const text = inRoot('app', 'domain', 'pixels', 'resample-passes.wat')
const source = inRoot('app', 'domain', 'pixels', 'resample-passes-binary.ts')
const bytes = await compileWat(readFileSync(text, 'utf8'), 'resample-passes.wat')
const unformatted = bytesAsSource(bytes, 'RESAMPLE_PASSES', 'resample-passes.wat')
writeFileSync(source, await format(unformatted, { ...(await resolveConfig(source)), filepath: source }))
