/**
 * What checks and tests came to. `failures` names what failed where it has a name; `failed` counts all.
 * @typedef {{
 *   passed: number, failed: number, failures?: string[], skipped: { title: string, reason: string }[]
 * }} Results
 */

/** @returns {Results} */
export function addResults(/** @type {Results[]} */ all) {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    failures: all.flatMap(({ failures = [] }) => failures),
    skipped: all.flatMap(({ skipped }) => skipped),
  }
}

/** The last line of `npm test`: `12 passed, 0 failed`, and how many were skipped if any. */
export function closingLine(/** @type {Results} */ results) {
  const skipped = results.skipped.length === 0 ? '' : `, ${results.skipped.length} skipped`
  return `${results.passed} passed, ${results.failed} failed${skipped}`
}

/** What failed, by name: their own words may have scrolled far away; empty when nothing with a name did. */
export function failedReport(/** @type {Results} */ { failures = [] }) {
  return failures.length === 0 ? [] : ['failed:', ...failures.map((name) => `  ${name}`)]
}

/** Each reason for skipping once, with the tests it kept from running; empty when nothing was skipped. */
export function skippedReport(/** @type {Results} */ { skipped }) {
  const reasons = new Set(skipped.map(({ reason }) => reason))
  return [...reasons].flatMap((reason) => {
    const titles = skipped.filter((test) => test.reason === reason).map(({ title }) => title)
    return [`skipped, ${reason}:`, ...titles.map((title) => `  ${title}`)]
  })
}
