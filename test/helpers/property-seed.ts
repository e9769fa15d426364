import fc from 'fast-check'

// The same cases in every run, so that a change is judged by what it changes; other cases:
// `LONGLENS_PROPERTY_SEED=$RANDOM npx vitest run --project unit`.
fc.configureGlobal({ seed: Number(process.env.LONGLENS_PROPERTY_SEED ?? 20_261_122) })
