import type { Reporter, TestModule } from "vitest/node";

/** The last line of a run, plain, for machines that read it: `N passed, N failed`. */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    // An error outside of any test, or a file that does not even load, is a failure as well.
    let failed = errors.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
      }
    }
    // After the default reporter's own summary.
    process.once("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}
