import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'sim/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/**/*.test.ts',
      'web/**/*.test.{ts,tsx}',
    ],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: one worker file per core keeps timings honest and the embedded PostgreSQL responsive.
    maxWorkers: 2,
    // A worker reads the product's modules once and not for each of two hundred files: a fifth of CI's time. What a module keeps
    // between files must therefore be keyed by house or database, as it must in a server that runs for months.
    isolate: false,
  },
})
