import { suggest } from '../../../shared/text/suggest.js';
import { partNames } from '../parts/names.js';
import { partLines } from '../parts/parts.js';
import { channels, places, routerPlaces, routers, shapes, type Given, type Place } from '../answers.js';

/** What may be asked, in this order; what has a default asks with it. */
interface Question {
  option: string;
  text: string;
  /** What stands between brackets, and is taken for an empty answer. */
  usual?: string | ((given: Given) => string);
  choices?: (given: Given) => readonly string[];
  /** Where an answer before decides it. */
  isSettled?: (given: Given) => boolean;
  /** Whether several may be chosen, with commas. */
  several?: boolean;
}

/** What the repository itself says, before anybody is asked. */
export interface Facts {
  policies: readonly string[];
  /** The checks of the workflow that makes them already; undefined where there is none yet. */
  ciJobs: readonly string[] | undefined;
}

const listOf = (given: Given, option: string) =>
  given(option).flatMap((text) => text.split(',').map((one) => one.trim()));

/** Parts that fit what was said so far: one service does not go live with others. */
const offered = (given: Given) =>
  partNames.filter((name) => name !== 'go-live' || listOf(given, 'service').length > 1);

/** The CI of the projects that are there, where there is none yet. */
const usualParts = (given: Given, { ciJobs }: Facts) =>
  (['python', 'node'] as const)
    .filter((kind) => !ciJobs && given(kind).length > 0)
    .map((kind) => `ci-${kind}`);

const needs = (given: Given, ...names: readonly string[]) =>
  listOf(given, 'with').some((name) => names.includes(name));

const questions = (facts: Facts): Question[] => [
  { option: 'repository', text: 'Your repository on GitHub (OWNER/NAME)' },
  { option: 'suite', text: 'Repository of the suite (OWNER/NAME)' },
  { option: 'ref', text: 'Commit of the suite (40 hex digits)' },
  { option: 'version', text: 'Version that this commit is' },
  { option: 'service', text: 'Service, or several with commas' },
  { option: 'environments', text: "Environments, the users' last", usual: 'staging,production' },
  { option: 'place', text: 'Where does it run?', choices: () => places },
  {
    option: 'router',
    text: 'What decides about its traffic?',
    choices: (given) => {
      const place = given('place')[0] as Place;
      return routers.filter((name) => (routerPlaces[name] as readonly Place[]).includes(place));
    },
  },
  { option: 'notify', text: `Who is told? (${channels.join(', ')}; or none)`, usual: 'none' },
  { option: 'owners', text: 'Who owns these files and approves releases? (@org/team or @user)' },
  { option: 'policy', text: 'Release policy', usual: 'standard', choices: () => facts.policies },
  {
    option: 'with',
    text: 'What else? Each is one answer, and can be switched on or off later',
    usual: (given) => usualParts(given, facts).join(',') || 'none',
    several: true,
    choices: (given) => [...offered(given), 'none'],
  },
  {
    option: 'python',
    text: 'Folder of the Python project (. for the root)',
    isSettled: (given) => !needs(given, 'ci-python'),
  },
  {
    option: 'node',
    text: 'Folder of the Node project (. for the root)',
    isSettled: (given) => !needs(given, 'ci-node'),
  },
  {
    option: 'terraform',
    text: 'Folder of the .tf files',
    usual: 'infrastructure',
    isSettled: (given) => !needs(given, 'infrastructure'),
  },
  {
    option: 'job',
    text: `Which checks of your CI must be green? Names with commas, as GitHub shows them (${facts.ciJobs?.join(', ')})`,
    ...(facts.ciJobs?.length === 1 && !facts.ciJobs[0]!.includes('${{') ? { usual: facts.ciJobs[0]! } : {}),
    isSettled: (given) =>
      !facts.ciJobs || facts.ciJobs.includes('test') || needs(given, 'ci-python', 'ci-node'),
  },
  {
    option: 'runner',
    text: "Label of your own runner that reaches router and colours? (none: GitHub's, which reach what is public)",
    usual: 'none',
  },
  {
    option: 'shape',
    // Called workflows decide about their runners themselves.
    isSettled: (given) => given('runner').some((label) => label !== 'none'),
    text: 'Call the workflows of the suite, or copy them?',
    usual: 'caller',
    choices: () => shapes,
  },
];

/** What is shown before the question: what may be chosen, with a line for each part. */
function lead({ option, choices }: Question, known: Given): string {
  if (!choices) return '';
  if (option !== 'with') return ` (${choices(known).join(', ')})`;
  return `\n${partLines(offered(known)).join('\n')}\nNames with commas, or none`;
}

/** What is wrong with an answer that chooses; undefined where nothing is. */
function slip({ choices, several }: Question, known: Given, value: string): string | undefined {
  if (!choices) return undefined;
  const allowed = choices(known);
  const wrong = (several ? value.split(',').map((one) => one.trim()) : [value]).filter(
    (one) => !allowed.includes(one),
  );
  if (wrong.length === 0) return undefined;
  const near = suggest(wrong[0]!, allowed);
  return `${wrong.join(', ')} is none of them${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** How often a choice is asked for before init stops and says what is allowed. */
const tries = 3;

/** Asks for what was not given; undefined where the questions were broken off. */
export async function askRest(
  given: Given,
  facts: Facts,
  ask: (text: string) => Promise<string | undefined>,
): Promise<Given | undefined> {
  const answered = new Map<string, string[]>();
  const known: Given = (option) => answered.get(option) ?? given(option);
  for (const question of questions(facts)) {
    const { option, text, isSettled } = question;
    if (known(option).length > 0 || isSettled?.(known)) continue;
    const usual = typeof question.usual === 'function' ? question.usual(known) : question.usual;
    let again = '';
    for (let left = tries; left > 0; left -= 1) {
      const answer = await ask(`${again}${text}${lead(question, known)}${usual ? ` [${usual}]` : ''}: `);
      if (answer === undefined) return undefined;
      const value = answer.trim() || usual;
      const wrong = value === undefined ? undefined : slip(question, known, value);
      if (value !== undefined) answered.set(option, [value]);
      if (wrong === undefined) break;
      again = `${wrong}\n`;
    }
  }
  return known;
}
