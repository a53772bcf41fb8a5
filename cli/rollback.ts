import { readArguments } from './arguments.js';
import { breakGlass } from './rollback/break-glass.js';
import { replayReport } from './rollback/replay.js';
import { UsageError, type Command } from './shell.js';

const usage = `usage: devops-actions rollback --break-glass --environment NAME --service NAME --reason TEXT [options]
       devops-actions rollback --replay REPORT.json [--json]

--break-glass gives all traffic to another colour with the router alone, for the day on which GitHub does not answer.
What it does is written to a file, which the workflow Reconcile takes once GitHub is back. Where GitHub answers, press
the button of the workflow Rollback instead: it has lock, ledger and incident.

  --environment NAME  where
  --service NAME      what
  --reason TEXT       why, in one sentence; it stands in the file, the Deployment and the incident
  --to COLOUR         the colour that gets all traffic; with two colours, the one that has none
  --version VERSION   what that colour must say it runs; by default whatever it says
  --traffic FILE      default: .github/traffic/ENVIRONMENT.yml
  --journal FILE      default: break-glass-ENVIRONMENT-SERVICE-TIME.json
  --dry-run           says what would be called, and calls nothing
  --yes               does not ask

--replay makes the verdict of a report of auto-rollback again, offline: plan and everything that was seen stand in it.

  --json              the verdict and its measurements as JSON on standard output

Exit codes: 0 traffic is where it was to be, or a verdict of the report comes out the same; 1 nothing was moved;
2 not every node confirmed, the command line is wrong, or a report comes to another verdict.`;

/** Options of breaking the glass. */
const moving = ['environment', 'service', 'reason', 'to', 'version', 'traffic', 'journal'] as const;

/** `rollback`: traffic back with the router alone, or the verdict of a report again. */
export const rollback: Command = {
  summary: 'takes a release back without GitHub, or makes a verdict of auto-rollback again',
  usage,
  async run(args, shell) {
    const given = readArguments(args, {
      values: ['replay', ...moving],
      flags: ['break-glass', 'dry-run', 'yes', 'json'],
    });
    const [extra] = given.positionals;
    if (extra !== undefined)
      throw new UsageError(`"${extra}" is not expected: write --break-glass, or --replay REPORT.json.`);
    const file = given.one('replay');
    if (given.flag('break-glass') === (file !== undefined))
      throw new UsageError('Write either --break-glass, or --replay REPORT.json.');
    const others = (file === undefined ? [] : ([...moving, 'dry-run', 'yes'] as const)).filter(
      (name) => given.all(name).length > 0 || given.flag(name),
    );
    if (others.length > 0)
      throw new UsageError(`--replay takes everything from the report: leave out --${others.join(', --')}.`);
    return file === undefined ? breakGlass(given, shell) : replayReport(file, given.flag('json'), shell);
  },
};
