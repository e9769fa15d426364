import { ensure } from '../ensure.mjs'
import { runStaticChecks, runVitest } from './checks.mjs'
import { say, tellFailure } from './messages.mjs'
import { addResults, closingLine, failedReport, skippedReport } from './test-results.mjs'

/**
 * Sets up, runs the static checks and then vitest once for each group of projects, and prints the closing line last
 * of all. The exit code is 0 only when something ran and nothing failed.
 * @param {string[][]} groups
 */
export async function runChecks(groups) {
  /** @type {import('./test-results.mjs').Results[]} */
  const all = []
  try {
    await ensure()
    all.push(await runStaticChecks())
    const tests = []
    for (const projects of groups) tests.push(await runVitest(projects))
    if (addResults(tests).passed + addResults(tests).failed === 0) {
      say('no test ran at all, which cannot be right')
      tests.push({ passed: 0, failed: 1, skipped: [] })
    }
    all.push(...tests)
  } catch (thrown) {
    tellFailure(thrown)
    all.push({ passed: 0, failed: 1, skipped: [] })
  }
  const results = addResults(all)
  process.exitCode = results.failed === 0 ? 0 : 1
  const lines = [...skippedReport(results), ...failedReport(results), closingLine(results)]
  process.stdout.write(`${lines.join('\n')}\n`)
}
