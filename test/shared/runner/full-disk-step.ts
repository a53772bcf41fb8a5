import { actionsRunner } from '../../../shared/runner/port.js';

/** Writes an output and a file that both do not fit, and prints what the system said. */
const runner = actionsRunner();
const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);
try {
  runner.setOutput('verdict', 'x'.repeat(4_096));
} catch (error) {
  process.stdout.write(`output: ${codeOf(error)}\n`);
}
await runner
  .writeFile(process.argv[2]!, 'x'.repeat(2_000_000))
  .catch((error: unknown) => process.stdout.write(`file: ${codeOf(error)}\n`));
