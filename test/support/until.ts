/**
 * Longest wait for something that a test expects, in milliseconds; below the limit of a test, so that the reason is
 * shown.
 */
const longest = 100_000;

/** Waits until something is true; throws with its name when a busy machine would have been done long ago. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'what the test waits for',
): Promise<void> {
  for (const end = performance.now() + longest; !(await holds());) {
    if (performance.now() > end) throw new Error(`not within ${longest / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
