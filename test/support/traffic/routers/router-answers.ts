/** What HAProxy 2.6 answers, as read from its socket. FILE stands for the map file, MAPID for its number. */
export interface AnswerCase {
  says: string;
  /** Commands sent before. */
  given?: string[];
  asks: string;
  /** The whole answer; references are replaced by 0xREF. */
  answers: string | RegExp;
}

const unknownMap = 'Unknown map identifier. Please use #<id> or <file>.\n\n';
const noTarget = "Require 'backend/server'.\n\n";
const weightRange = 'Absolute weight can only be between 0 and 256 inclusive.\n\n';
const setMapNeeds = "'set map' expects three parameters: map identifier, key and value.\n\n";
const delMapNeeds = 'This command expects two parameters: map identifier and key.\n\n';
const addMapNeeds =
  "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload\n\n";
const stateNeeds = "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n";
const setServerUsage =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | ' +
  'check-port | fqdn | health | ssl | state | weight\n\n';
const done = '\n';

const mapCases: AnswerCase[] = [
  {
    says: 'lists its maps',
    asks: 'show map',
    answers:
      /^# id \(file\) description\n\d+ \(\/.*live\.map\) pattern loaded from file '\/.*live\.map' used by map at .* curr_ver=0 next_ver=0 entry_cnt=1\n\n$/,
  },
  { says: 'shows a map by file', asks: 'show map FILE', answers: '0xREF live blue\n\n' },
  { says: 'shows a map by number', asks: 'show map #MAPID', answers: '0xREF live blue\n\n' },
  { says: 'shows an emptied map', given: ['clear map FILE'], asks: 'show map FILE', answers: done },
  { says: 'knows no other map', asks: 'show map nope', answers: unknownMap },
  { says: 'knows no other map by number', asks: 'show map #99', answers: unknownMap },
  {
    says: 'finds a key',
    asks: 'get map FILE live',
    answers: 'type=str, case=sensitive, found=yes, idx=tree, key="live", value="blue", type="str"\n\n',
  },
  {
    says: 'says a key is not there',
    asks: 'get map FILE no',
    answers: 'type=str, case=sensitive, found=no\n\n',
  },
  { says: 'needs a key to get', asks: 'get map FILE', answers: 'Missing map identifier and/or key.\n\n' },
  { says: 'gets from no other map', asks: 'get map nope live', answers: unknownMap },
  { says: 'answers an empty line to a set', asks: 'set map FILE live green', answers: done },
  { says: 'takes a number to set', asks: 'set map #MAPID live green', answers: done },
  {
    says: 'shows what was set',
    given: ['set map FILE live green'],
    asks: 'show map FILE',
    answers: '0xREF live green\n\n',
  },
  {
    says: 'sets and shows in one line',
    asks: 'set map FILE live green;show map FILE',
    answers: '\n0xREF live green\n\n',
  },
  {
    says: 'keeps an escaped blank in a value',
    asks: 'set map FILE live a\\ b; show map FILE',
    answers: '\n0xREF live a b\n\n',
  },
  { says: 'ignores words too many', asks: 'set map FILE live green too many', answers: done },
  { says: 'sets no key that is not there', asks: 'set map FILE no green', answers: 'entry not found.\n\n' },
  {
    says: 'sets no reference that is not there',
    asks: 'set map FILE #0x1 green',
    answers: 'key or pattern not found.\n\n',
  },
  { says: 'sets in no other map', asks: 'set map nope live green', answers: unknownMap },
  { says: 'needs a value to set', asks: 'set map FILE live', answers: setMapNeeds },
  { says: 'needs a map to set', asks: 'set map', answers: setMapNeeds },
  {
    says: 'adds an entry, also a second of the same key',
    given: ['add map FILE live other'],
    asks: 'show map FILE',
    answers: '0xREF live blue\n0xREF live other\n\n',
  },
  { says: 'needs a value to add', asks: 'add map FILE live', answers: addMapNeeds },
  { says: 'adds to no other map', asks: 'add map nope a b', answers: unknownMap },
  { says: 'deletes an entry', given: ['del map FILE live'], asks: 'show map FILE', answers: done },
  { says: 'deletes no key that is not there', asks: 'del map FILE no', answers: 'Key not found.\n\n' },
  { says: 'needs a key to delete', asks: 'del map FILE', answers: delMapNeeds },
  { says: 'deletes from no other map', asks: 'del map nope live', answers: unknownMap },
  { says: 'needs a map to clear', asks: 'clear map', answers: 'Missing map identifier.\n\n' },
];

const weight = (server: string, value: string): string => `set server ${server} weight ${value}`;

const serverCases: AnswerCase[] = [
  { says: 'gets a weight', asks: 'get weight blue/app', answers: '100 (initial 100)\n\n' },
  { says: 'takes ids for names', asks: 'get weight #3/#1', answers: '100 (initial 100)\n\n' },
  { says: 'knows no other server', asks: 'get weight blue/nope', answers: 'No such server.\n\n' },
  { says: 'knows no other backend', asks: 'get weight nope/app', answers: 'No such backend.\n\n' },
  { says: 'needs a server', asks: 'get weight blue', answers: noTarget },
  { says: 'needs a target', asks: 'get weight', answers: noTarget },
  { says: 'answers an empty line to a weight', asks: weight('blue/app', '7'), answers: done },
  {
    says: 'shows the weight that was set',
    given: [weight('blue/app', '7')],
    asks: 'get weight blue/app',
    answers: '7 (initial 100)\n\n',
  },
  {
    says: 'sets a weight by its older command',
    given: ['set weight blue/app 8'],
    asks: 'get weight blue/app',
    answers: '8 (initial 100)\n\n',
  },
  {
    says: 'takes a share of the initial weight',
    given: [weight('blue/app', '33%')],
    asks: 'get weight blue/app',
    answers: '33 (initial 100)\n\n',
  },
  {
    says: 'rounds a share down',
    given: [weight('green/app', '50%')],
    asks: 'get weight green/app',
    answers: '0 (initial 1)\n\n',
  },
  {
    says: 'caps a share at 256',
    given: [weight('blue/app', '500%')],
    asks: 'get weight blue/app',
    answers: '256 (initial 100)\n\n',
  },
  { says: 'refuses a weight over 256', asks: weight('blue/app', '257'), answers: weightRange },
  { says: 'refuses a weight under 0', asks: weight('blue/app', '-1'), answers: weightRange },
  {
    says: 'refuses a share under 0',
    asks: weight('blue/app', '-1%'),
    answers: 'Relative weight must be positive.\n\n',
  },
  {
    says: 'refuses a word',
    asks: weight('blue/app', 'x'),
    answers: 'Empty weight string empty or preceded by garbage\n',
  },
  {
    says: 'refuses a fraction',
    asks: weight('blue/app', '2.5'),
    answers: 'Trailing garbage in weight string\n',
  },
  { says: 'needs a weight', asks: weight('blue/app', ''), answers: 'Require <weight> or <weight%>.\n\n' },
  { says: 'answers an empty line to a state', asks: 'set server blue/app state drain', answers: done },
  { says: 'refuses another state', asks: 'set server blue/app state foo', answers: stateNeeds },
  { says: 'needs a state', asks: 'set server blue/app state', answers: stateNeeds },
  { says: 'needs a property', asks: 'set server blue/app', answers: setServerUsage },
  { says: 'needs a server to set', asks: 'set server', answers: noTarget },
  { says: 'sets no other server', asks: 'set server blue/nope state ready', answers: 'No such server.\n\n' },
  { says: 'sets no other backend', asks: 'set server nope/app state ready', answers: 'No such backend.\n\n' },
  ...(
    [
      ['ready', '2 0'],
      ['drain', '2 8'],
      ['maint', '0 1'],
    ] as const
  ).map(([state, bits]) => ({
    says: `shows a server that is ${state}`,
    given: [`set server green/app state ${state}`],
    asks: 'show servers state green',
    answers: new RegExp(
      `^1\\n# be_id be_name .* srv_agent_port\\n4 green 1 app 127\\.0\\.0\\.1 ${bits} 1 1 \\d+ 1 0 [02] 0 0 0 0 - \\d+ - 0 0 - - 0\\n\\n$`,
    ),
  })),
  {
    says: 'keeps the weight of a drained server',
    given: ['set server blue/app weight 7', 'set server blue/app state drain'],
    asks: 'show servers state blue',
    answers: / 127\.0\.0\.1 2 8 7 100 /,
  },
  {
    says: 'shows the state of no other backend',
    asks: 'show servers state nope',
    answers: "Can't find backend.\n\n",
  },
  { says: 'lists its backends', asks: 'show backend', answers: '# name\nblue\ngreen\npool\ngone\n\n' },
];

/** The first 19 columns of `show stat`, then anything. */
const statRow = (start: string): RegExp => new RegExp(`^${start},`, 'm');

const otherCases: AnswerCase[] = [
  {
    says: 'names 128 columns of statistics in order',
    asks: 'show stat blue 4 -1',
    answers:
      /^# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,(?:[\w-]+,){6}wredis,status,weight,act,(?:[\w-]+,){107}h1_spliced_bytes_out,\n/,
  },
  {
    says: 'marks a server in service',
    asks: 'show stat blue 4 -1',
    answers: statRow('blue,app,(?:\\d*,){15}no check,100,1,0'),
  },
  {
    says: 'marks a drained server',
    given: ['set server blue/app state drain'],
    asks: 'show stat blue 4 -1',
    answers: statRow('blue,app,(?:\\d*,){15}DRAIN,100,1,0'),
  },
  {
    says: 'marks a server in maintenance',
    given: ['set server blue/app state maint'],
    asks: 'show stat blue 4 -1',
    answers: statRow('blue,app,(?:\\d*,){15}MAINT,100,1,0'),
  },
  {
    says: 'marks a backend with a usable server',
    asks: 'show stat blue 2 -1',
    answers: statRow('blue,BACKEND,(?:\\d*,){15}UP,100,1,0'),
  },
  {
    says: 'marks a backend without',
    given: ['set server blue/app weight 0'],
    asks: 'show stat blue 2 -1',
    answers: statRow('blue,BACKEND,(?:\\d*,){15}DOWN,0,0,0'),
  },
  {
    says: 'adds up the weights of a backend',
    given: ['set server pool/green weight 20'],
    asks: 'show stat pool 2 -1',
    answers: statRow('pool,BACKEND,(?:\\d*,){15}UP,120,2,0'),
  },
  { says: 'marks the frontend', asks: 'show stat', answers: statRow('entry,FRONTEND,(?:\\d*,){15}OPEN') },
  { says: 'has statistics of no other proxy', asks: 'show stat nope 7 -1', answers: 'No such proxy.\n\n' },
  {
    says: 'tells about itself',
    asks: 'show info',
    answers:
      /^Name: .+\nVersion: 2\.6\S*\n(?:.+\n)*Pid: \d+\nUptime: \d+d \d+h\d\dm\d\ds\nUptime_sec: \d+\n(?:.+\n)*CurrConns: \d+\n(?:.+\n)*CumReq: \d+\n(?:.+\n)*Stopping: 0\n(?:.+\n)*\n$/,
  },
  {
    says: 'offers its commands for an unknown one',
    asks: 'set nothing',
    answers:
      /^Unknown command, but maybe one of the following ones is a better match:\n(?: {2}.+\n)* {2}set map .+\n(?: {2}.+\n)* {2}help .+\n {2}prompt .+\n {2}quit .+\n\n$/,
  },
  {
    says: 'offers its commands for none',
    asks: '',
    answers: /^Unknown command\. Please enter one of the following commands only:\n(?: {2}.+\n)+\n$/,
  },
  {
    says: 'helps',
    asks: 'help',
    answers: /^The following commands are valid at this level:\n(?: {2}.+\n)+\n$/,
  },
  {
    says: 'goes on after an unknown command',
    asks: 'foo;get weight blue/app',
    answers: /^Unknown command(?:.*\n)+\n100 \(initial 100\)\n\n$/,
  },
  { says: 'takes blanks anywhere', asks: '  get   weight  blue/app ', answers: '100 (initial 100)\n\n' },
  { says: 'takes a carriage return', asks: 'get weight blue/app\r', answers: '100 (initial 100)\n\n' },
  { says: 'says nothing to quit', asks: 'quit', answers: '' },
];

export const answerCases: AnswerCase[] = [...mapCases, ...serverCases, ...otherCases];

/** Rows of `show servers state` by column name. */
export function stateRows(answer: string): Record<string, string>[] {
  const [, header = '', ...rows] = answer.trimEnd().split('\n');
  const names = header.replace(/^# /, '').split(' ');
  return rows.map((row) => {
    const values = row.split(' ');
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}
