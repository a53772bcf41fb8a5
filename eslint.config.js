import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** Folders whose job is IO; everywhere else under actions/ and shared/, time, network and chance arrive as arguments. */
const ioRooms = [
  'shared/runner/**',
  'shared/config/load.ts',
  'shared/github/**',
  'shared/http/**',
  'shared/exec/**',
  'shared/database/**',
  'shared/probes/**',
  'shared/traffic/routers/**',
  'shared/traffic/transports/**',
  'shared/analysis/sources/**',
  'shared/notify/channels/**',
];

const nodeIo =
  '^(node:)?(fs|fs/promises|net|http|https|http2|tls|dns|dns/promises|dgram|child_process|cluster|worker_threads|os|process|timers|timers/promises|readline|readline/promises|inspector|perf_hooks|module|sqlite)$|^@actions/';

const noModuleMocks = ['mock', 'unstable_mockModule', 'doMock', 'setMock', 'spyOn'].map((property) => ({
  object: 'jest',
  property,
  message: 'Pass a fake as an argument instead of replacing a module.',
}));

/** Forbids imports, and `import()` of the same: lazy chunks are no way around the rules. */
const restrict = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
  'no-restricted-syntax': [
    'error',
    ...patterns
      .filter(({ importNames }) => !importNames)
      .map(({ regex, message }) => ({
        selector: `ImportExpression > Literal[value=/${regex.replaceAll('/', '\\/')}/]`,
        message,
      })),
  ],
});
const ban = (regex, message) => ({ regex, message });

const actionNames = readdirSync('actions', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const oneWay = {
  action: ban(
    `(\\.\\.|actions)/(${actionNames.join('|')})/`,
    'Actions never import each other: what two need lives in shared/.',
  ),
  outward: ban(
    '(^|/)(rehearsal|test|scripts|bench|cli)/',
    'Product code does not import its tools or tests.',
  ),
  toActions: ban('(^|/)actions/(?!core$|exec$|github$)', 'shared/ never imports an action.'),
  toProduct: ban(
    '^\\.\\.?/(.*/)?(actions|shared|story)/',
    'A stand-in that shares code with its client shares its bugs.',
  ),
  io: ban(nodeIo, 'IO lives in its own rooms (see CONTRIBUTING.md): take it as an argument.'),
  chance: {
    ...ban('^(node:)?crypto$', 'Chance comes in as an argument.'),
    importNames: ['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'webcrypto'],
  },
};

const pureGlobals = {
  'no-restricted-globals': [
    'error',
    ...[
      'fetch',
      'WebSocket',
      'EventSource',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'performance',
      'process',
      'crypto',
      'Date',
      'globalThis',
      'global',
    ].map((name) => ({ name, message: 'Time, network and chance come in as arguments.' })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Chance comes in as an argument.' },
    { object: 'AbortSignal', property: 'timeout', message: 'Time comes in as an argument.' },
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.rehearsal*/', 'coverage/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'max-params': ['error', { max: 5 }],
    },
  },
  { files: ['scripts/**', 'bench/**', 'rehearsal/**', 'cli/**'], rules: { 'no-console': 'off' } },
  // A row of a table is told as many arguments as it has columns.
  { files: ['test/**'], rules: { 'max-params': 'off' } },
  {
    files: ['actions/**/*.ts'],
    rules: { ...restrict(oneWay.action, oneWay.outward, oneWay.io, oneWay.chance), ...pureGlobals },
  },
  { files: ['actions/suite.ts'], rules: { 'no-restricted-imports': 'off', 'no-restricted-syntax': 'off' } },
  {
    files: ['shared/**/*.ts'],
    rules: { ...restrict(oneWay.toActions, oneWay.outward, oneWay.io, oneWay.chance), ...pureGlobals },
  },
  { files: ['shared/time/**'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ioRooms,
    rules: {
      ...restrict(oneWay.toActions, oneWay.outward),
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
    },
  },
  { files: ['rehearsal/{shop,router,github,runner}/**/*.ts'], rules: restrict(oneWay.toProduct) },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-properties': ['error', ...noModuleMocks] } },
);
