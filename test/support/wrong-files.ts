/** A file with one mistake, its schema, and the path of the mistake. */
export interface WrongFile {
  wrong: string;
  schema: string;
  text: string;
  at: string;
}

const traffic = `version: 1
router:
  type: nginx
  nodes: [{ name: edge-1, probe: 'http://127.0.0.1/live' }]
  flags: { blue: /run/shop/blue, green: /run/shop/green }
colours:
  blue: { url: 'http://10.0.0.11:8080' }
  green: { url: 'http://10.0.0.12:8080' }
identity: { version: { json: $.version }, digest: { header: x-digest } }
entry: { url: 'https://shop.example.com/health', for: 5s }
`;
const haproxy = traffic.replace(
  /router:[^]*?colours/,
  `router:
  type: haproxy
  mode: map
  nodes: [{ name: edge-1, socket: /run/haproxy.sock }]
  map: /etc/haproxy/live.map
  key: shop
  backends: { blue: shop_blue, green: shop_green }
colours`,
);
const policy = `version: 1
environments:
  production:
    valid-for: 30m
    gates:
      branch: [main]
      checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }] }
      promotion: { from: staging, soak: 10m }
      incidents: { block-at: high }
      window: { timezone: Europe/Madrid, freeze: [{ days: fri }] }
`;
const rollback = `version: 1
environments:
  production:
    watch: 5m
    sources: { home: { type: probe, path: /health } }
    criteria: [{ name: home, source: home, fail-when: error-rate > 5 %, for: 2m, min-requests: 5 }]
`;
const suite = `version: 1
flows:
  - name: health
    budget: { p95: < 800ms }
    steps:
      - name: ready
        http: { url: /health }
        expect: { status: 200, size: < 10kB }
        until: { within: 60s }
`;

const bases = { traffic, haproxy, policy, rollback, suite };
const schemas = {
  traffic: 'traffic',
  haproxy: 'traffic',
  policy: 'release-policy',
  rollback: 'rollback',
  suite: 'smoke-suite',
};

type Row = [wrong: string, base: keyof typeof bases, right: string, written: string, at: string];

function fileOf([wrong, base, right, written, at]: Row): WrongFile {
  const text = bases[base].replace(right, written);
  if (text === bases[base]) throw new Error(`"${right}" does not stand in the file of ${base}`);
  return { wrong, schema: schemas[base], text, at };
}

const step = 'environments.production';
const flow = 'flows.0.steps.0';

const wrongRows: Row[] = [
  ['a misspelt key of an nginx router', 'traffic', 'flags', 'flgs', 'router.flgs'],
  ['no flags in an nginx router', 'traffic', /.*flags.*\n/.exec(traffic)![0], '', 'router.flags'],
  ['an unknown router', 'traffic', 'type: nginx', 'type: ngnix', 'router.type'],
  ['no type of router', 'traffic', 'type: nginx', 'mode: flag', 'router.type'],
  ['an unknown mode of nginx', 'traffic', 'type: nginx', 'type: nginx\n  mode: flags', 'router.mode'],
  [
    'a key of another mode of nginx',
    'traffic',
    'type: nginx',
    'type: nginx\n  variable: live',
    'router.variable',
  ],
  ['no mode of HAProxy', 'haproxy', '  mode: map\n', '', 'router.mode'],
  ['a relative map file', 'haproxy', 'map: /etc', 'map: etc', 'router.map'],
  [
    'socket and address of a node',
    'haproxy',
    'socket:',
    "address: '127.0.0.1:9', socket:",
    'router.nodes.0.address',
  ],
  ['neither socket nor address of a node', 'haproxy', ', socket: /run/haproxy.sock', '', 'router.nodes.0'],
  ['one colour only', 'traffic', /.*green: \{ url.*\n/.exec(traffic)![0], '', 'colours'],
  ['three colours', 'traffic', 'colours:', "colours:\n  red: { url: 'http://10.0.0.13:8080' }", 'colours'],
  ['an address that is not http', 'traffic', 'https://shop', 'ftp://shop', 'entry.url'],
  [
    'two places of one fact',
    'traffic',
    '{ json: $.version }',
    '{ json: $.version, header: x }',
    'identity.version.header',
  ],
  ['no place of a fact', 'traffic', '{ json: $.version }', '{}', 'identity.version'],
  ['a duration with a blank', 'traffic', 'for: 5s', 'for: 5 s', 'entry.for'],
  ['a duration without a unit', 'traffic', 'for: 5s', "for: '5'", 'entry.for'],
  ['a duration in words', 'policy', 'soak: 10m', 'soak: 10 minutes', `${step}.gates.promotion.soak`],
  ['a number for a duration', 'policy', 'valid-for: 30m', 'valid-for: 30', `${step}.valid-for`],
  ['a misspelt gate', 'policy', 'promotion', 'promotions', `${step}.gates.promotions`],
  ['no gate', 'policy', /gates:[^]*/.exec(policy)![0], 'gates: {}', `${step}.gates`],
  [
    'a check without its source',
    'policy',
    ', workflow: .github/workflows/ci.yml',
    '',
    `${step}.gates.checks.required.0.workflow`,
  ],
  [
    'a check of two sources',
    'policy',
    'name: test,',
    'name: test, app: 7,',
    `${step}.gates.checks.required.0.app`,
  ],
  ['a window that is always open', 'policy', ', freeze: [{ days: fri }]', '', `${step}.gates.window.freeze`],
  [
    'a rule of two forms',
    'policy',
    'days: fri',
    'days: fri, cron: 0 9 * * 1',
    `${step}.gates.window.freeze.0.cron`,
  ],
  ['an unknown severity', 'policy', 'block-at: high', 'block-at: hgih', `${step}.gates.incidents.block-at`],
  ['a condition with a duration', 'rollback', '5 %,', '5 % for 2m,', `${step}.criteria.0.fail-when`],
  ['a share without %', 'rollback', '5 %,', '5,', `${step}.criteria.0.fail-when`],
  ['a share above 100 %', 'rollback', '5 %,', '101 %,', `${step}.criteria.0.fail-when`],
  [
    'a criterion without a condition',
    'rollback',
    'fail-when: error-rate > 5 %, ',
    '',
    `${step}.criteria.0.fail-when`,
  ],
  ['no sources', 'rollback', '{ home: { type: probe, path: /health } }', '{}', `${step}.sources`],
  [
    'a key of another source',
    'rollback',
    'path: /health',
    'path: /health, max-age: 1m',
    `${step}.sources.home.max-age`,
  ],
  ['two probes in a step', 'suite', 'http:', "tcp: { address: 'a:1' }\n        http:", `${flow}.tcp`],
  ['no probe in a step', 'suite', '        http: { url: /health }\n', '', `${flow}.http`],
  ['retry and until in a step', 'suite', 'until:', 'retry: { times: 2 }\n        until:', `${flow}.until`],
  ['nothing expected', 'suite', '{ status: 200, size: < 10kB }', '{}', `${flow}.expect`],
  ['a limit without its sign', 'suite', '< 800ms', '800ms', 'flows.0.budget.p95'],
  ['a size in an unknown unit', 'suite', '10kB', '10 kilobytes', `${flow}.expect.size`],
  ['no HTTP method', 'suite', 'url: /health', 'url: /health, method: fetch it', `${flow}.http.method`],
  ['no steps', 'suite', /steps:[^]*/.exec(suite)![0], 'steps: []', 'flows.0.steps'],
];

/** Mistakes that an editor and the action find. */
export const wrongFiles = wrongRows.map(fileOf);

const actionOnlyRows: Row[] = [
  ['one address for both colours', 'traffic', '10.0.0.12', '10.0.0.11', 'colours.blue.url'],
  ['an unknown source', 'rollback', 'source: home', 'source: hmoe', `${step}.criteria.0.source`],
  ['a watch shorter than its "for"', 'rollback', 'watch: 5m', 'watch: 1m', `${step}.watch`],
  ['an unknown time zone', 'policy', 'Europe/Madrid', 'Europe/Madird', `${step}.gates.window.timezone`],
];

/** Mistakes that compare two values or look something up: JSON Schema cannot say them, and the pages list them. */
export const actionOnly = actionOnlyRows.map(fileOf);
