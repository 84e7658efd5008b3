import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Ends the run with the plain line that CI reads. */
export default class ClosingReporter implements Reporter {
  private passed = 0;
  private readonly failed = new Set<string>();

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === "passed") this.passed += 1;
    else this.failed.add(test.id);
  }

  onEnd(result: FullResult): void {
    const failed = result.status === "passed" ? this.failed.size : Math.max(1, this.failed.size);
    console.log(`${this.passed} passed, ${failed} failed`);
  }
}
