import { channels, places, routerPlaces, routers, shapes, type Given, type Place } from './answers.js';

/** What may be asked, in this order; what has a default asks with it. */
interface Question {
  option: string;
  text: string;
  /** What stands between brackets, and is taken for an empty answer. */
  usual?: string;
  choices?: (given: Given) => readonly string[];
  /** Where an answer before decides it. */
  isSettled?: (given: Given) => boolean;
}

const questions = (policies: readonly string[]): Question[] => [
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
  { option: 'policy', text: 'Release policy', usual: 'standard', choices: () => policies },
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

/** Asks for what was not given; undefined where the questions were broken off. */
export async function askRest(
  given: Given,
  policies: readonly string[],
  ask: (text: string) => Promise<string | undefined>,
): Promise<Given | undefined> {
  const answered = new Map<string, string[]>();
  const known: Given = (option) => answered.get(option) ?? given(option);
  for (const { option, text, usual, choices, isSettled } of questions(policies)) {
    if (known(option).length > 0 || isSettled?.(known)) continue;
    const listed = choices ? ` (${choices(known).join(', ')})` : '';
    const answer = await ask(`${text}${listed}${usual ? ` [${usual}]` : ''}: `);
    if (answer === undefined) return undefined;
    const value = answer.trim() || usual;
    if (value !== undefined) answered.set(option, [value]);
  }
  return known;
}
