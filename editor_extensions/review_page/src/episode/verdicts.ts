/**
 * What the end of a test run says; the same rule as `episode/verdicts.py`, which has the reasons.
 * `test/fixtures/verdicts.json` holds the answers that both must give.
 */

const NO_VERDICT = [126, 127];
/** ILL, ABRT, BUS, FPE, SEGV: the tested program died; by other signals somebody ended the run. */
const CRASHES = [132, 134, 135, 136, 139];
const FIRST_SIGNAL = 129;

/** Whether an exit code says that all tests passed; null when it says nothing. */
export function greenByEnd(framework: string, code: number | null): boolean | null {
  if (code === null || NO_VERDICT.includes(code)) return null;
  if (framework === "unittest" && code === 5) return null;
  if (code === 0) return true;
  if (framework === "pytest") return code === 1 ? false : null;
  return code < FIRST_SIGNAL || CRASHES.includes(code) ? false : null;
}
