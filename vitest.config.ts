import { defineConfig } from 'vitest/config'

const setupFiles = ['test/helpers/property-seed.ts']

// Four kinds of tests (docs: HOUSE-STYLE section 8). `unit` needs no addon, no ffmpeg and no model.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['test/unit/**/*.test.{ts,tsx}'],
          // Only against a test that hangs: on a machine with other work the usual 5 s are soon over.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          setupFiles,
          include: ['test/{native,engine,golden,fuzz,services,host,training}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
})
