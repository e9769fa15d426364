import { writeFileSync } from 'node:fs'

/**
 * Writes what one run of vitest came to into the file that LONGLENS_TEST_RESULTS names, for the closing line of
 * `npm test`: `{ passed, failed, failures: [title], skipped: [{ title, reason }] }`. A file that cannot be loaded and an error outside
 * any test count as one failure each.
 */
export class ClosingReporter {
  #passed = 0
  #failed = 0
  /** @type {string[]} */
  #failures = []
  /** @type {{ title: string, reason: string }[]} */
  #skipped = []

  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    for (const testModule of modules) {
      this.#failed += testModule.errors().length
      if (testModule.errors().length > 0) this.#failures.push(testModule.relativeModuleId)
      for (const suite of testModule.children.allSuites()) this.#failed += suite.errors().length
      for (const test of testModule.children.allTests()) this.#count(test)
    }
    this.#failed += unhandledErrors.length
    const file = process.env.LONGLENS_TEST_RESULTS
    if (file === undefined) return
    const results = {
      passed: this.#passed,
      failed: this.#failed,
      failures: this.#failures,
      skipped: this.#skipped,
    }
    writeFileSync(file, JSON.stringify(results))
  }

  #count(/** @type {import('vitest/node').TestCase} */ test) {
    const result = test.result()
    if (result.state === 'passed') this.#passed += 1
    else if (result.state === 'skipped') {
      this.#skipped.push({ title: test.fullName, reason: result.note ?? 'no reason given' })
    } else {
      this.#failed += 1 // `pending` too: the run was broken off before the test ended
      this.#failures.push(`${test.module.relativeModuleId} > ${test.fullName}`)
    }
  }
}

// vitest takes a reporter from a file only as its default export.
export default ClosingReporter
