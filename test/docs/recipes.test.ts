import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createHttpClient } from '../../shared/http/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { trafficSchema } from '../../shared/traffic/config/schema.js';
import { openRouter } from '../../shared/traffic/registry.js';
import { allTo, type Router, type Weights } from '../../shared/traffic/router.js';

/** Fenced blocks of a recipe, with their language. */
const blocksOf = (recipe: string) =>
  [
    ...readFileSync(join('docs', 'recipes', `${recipe}.md`), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm),
  ].map(([, language, text]) => ({ language, text: text! }));

/** A command line tool as the recipe calls it: state in a file beside it, anything that it is not told ends with 64. */
interface Fake {
  tool: string;
  /** The state with all traffic on blue, and with some of it where the recipe must not look away. */
  state: unknown;
  astray?: unknown;
  script: string;
}

const azSet = String.raw`"webapp traffic-routing set "*) for last; do case "$last" in green=*) g=$(echo "$last" | cut -d= -f2) ;; esac; done
  change --argjson g "$g" '[{ name: "green", reroutePercentage: $g }]' ;;`;

const fakes: Record<string, Fake> = {
  'cloud-run': {
    tool: 'gcloud',
    state: {
      status: {
        traffic: [
          { revisionName: 'a', percent: 100, tag: 'blue' },
          { revisionName: 'b', tag: 'green' },
        ],
      },
    },
    astray: {
      status: {
        traffic: [
          { revisionName: 'a', percent: 90, tag: 'blue' },
          { revisionName: 'c', percent: 10, tag: 'blu' },
        ],
      },
    },
    script: String.raw`
"run services describe shop "*) cat "$state" ;;
"run services update-traffic shop "*) while [ "$1" != --to-tags ]; do shift; done
  change --arg to "$2" '.status.traffic = ($to | split(",") | map(split("=") | { revisionName: .[0], tag: .[0], percent: (.[1] | tonumber) }))' ;;`,
  },
  'cloud-foundry': {
    tool: 'cf',
    state: ['shop-blue'],
    astray: ['shop-blue', 'shop-old'],
    script: String.raw`
"app shop-"*" --guid") echo "guid-of-$2" ;;
"curl --fail /v3/routes?hosts=shop") jq '{ resources: [{ destinations: map({ app: { guid: ("guid-of-" + .) } }) }] }' "$state" ;;
"map-route "*" example.com --hostname shop") change --arg app "$2" '. + [$app] | unique' ;;
"unmap-route "*" example.com --hostname shop") change --arg app "$2" '. - [$app] | if . == [] then error("no route left") else . end' ;;`,
  },
  'kamal-proxy': {
    tool: 'ssh',
    state: '10.0.0.11:8080',
    astray: '10.0.0.99:8080',
    script: String.raw`
"deploy@edge-1.example.com docker exec kamal-proxy kamal-proxy list")
  printf 'Service Host Path Target State TLS\n\033[1mshop\033[0m shop.example.com / %s running no\n' "$(jq -r . "$state")" ;;
*" kamal-proxy deploy shop --target "*) change --arg to "$9" '$to' ;;`,
  },
  'azure-app-service': {
    tool: 'az',
    state: [],
    astray: [{ name: 'old', reroutePercentage: 5 }],
    script: String.raw`
"webapp traffic-routing show "*) cat "$state" ;;
${azSet}`,
  },
  'route-53': {
    tool: 'aws',
    state: {
      ResourceRecordSets: [
        { Name: 'shop.example.com.', Type: 'MX', TTL: 60 },
        {
          Name: 'shop.example.com.',
          Type: 'A',
          SetIdentifier: 'blue',
          Weight: 100,
          TTL: 60,
          ResourceRecords: [{ Value: '10.0.0.11' }],
        },
        {
          Name: 'shop.example.com.',
          Type: 'A',
          SetIdentifier: 'green',
          Weight: 0,
          TTL: 60,
          ResourceRecords: [{ Value: '10.0.0.12' }],
        },
      ],
    },
    astray: {
      ResourceRecordSets: ['blue', 'green', 'old'].map((SetIdentifier) => ({
        Name: 'shop.example.com.',
        Type: 'A',
        SetIdentifier,
        Weight: 1,
      })),
    },
    script: String.raw`
"route53 list-resource-record-sets --hosted-zone-id "*) cat "$state" ;;
"route53 change-resource-record-sets --hosted-zone-id "*) change --argjson batch "$6" '
  if ($batch.Changes | map(.ResourceRecordSet.TTL)) == [60, 60] and all($batch.Changes[]; .Action == "UPSERT")
  then .ResourceRecordSets = [.ResourceRecordSets[0]] + ($batch.Changes | map(.ResourceRecordSet)) else error("a field was lost") end'
  echo '{ "ChangeInfo": { "Id": "/change/C1" } }' ;;
"route53 wait resource-record-sets-changed --id /change/C1") ;;`,
  },
  cloudflare: {
    tool: 'curl',
    state: {
      result: {
        steering_policy: 'random',
        session_affinity: 'none',
        random_steering: {
          pool_weights: { '9290f38c5d07c2e2f4df57b1f61d4196': 1, '17b5962d775c646f3f9725cbc7a53df4': 0 },
        },
      },
    },
    astray: {
      result: {
        steering_policy: 'random',
        session_affinity: 'cookie',
        random_steering: {
          pool_weights: { '9290f38c5d07c2e2f4df57b1f61d4196': 1, '17b5962d775c646f3f9725cbc7a53df4': 0 },
        },
      },
    },
    script: String.raw`
*value-of-CLOUDFLARE_API_TOKEN*) echo "the token stands in the arguments" >&2; exit 65 ;;
*" --request PATCH "*/zones/value-of-CLOUDFLARE_ZONE/load_balancers/value-of-CLOUDFLARE_BALANCER)
  grep -q 'Bearer value-of-CLOUDFLARE_API_TOKEN'
  while [ "$1" != --data ]; do shift; done; change --argjson body "$2" '.result *= $body' ;;
*/zones/value-of-CLOUDFLARE_ZONE/load_balancers/value-of-CLOUDFLARE_BALANCER)
  grep -q 'Bearer value-of-CLOUDFLARE_API_TOKEN'; cat "$state" ;;`,
  },
};

const blue = allTo('blue', ['blue', 'green']);
const green = allTo('green', ['blue', 'green']);

let folder: string;
const path = process.env['PATH'];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipes-'));
  process.env['PATH'] = `${join(folder, 'bin')}:${path}`;
});
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

function install(tool: string, script: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const text = `#!/bin/sh
set -eu
state="$(dirname "$0")/${tool}.json"
change() { jq "$@" "$state" >"$state.new" && mv "$state.new" "$state"; }
case "$*" in${script}
*) echo "${tool} $*: not what the recipe should say" >&2; exit 64 ;;
esac
`;
  writeFileSync(join(folder, 'bin', tool), text, { mode: 0o755 });
}
const setState = (tool: string, state: unknown) =>
  writeFileSync(join(folder, 'bin', `${tool}.json`), JSON.stringify(state));

async function move(router: Router, weights: Weights): Promise<void> {
  for (const call of router.plan(await router.read(), weights)) await router.apply(call);
}

test('every recipe is run by these tests', () => {
  const pages = readdirSync(join('docs', 'recipes')).map((name) => name.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual([...Object.keys(fakes), 'argo-rollouts'].toSorted());
});

describe.each(Object.keys(fakes))('the recipe %s', (recipe) => {
  const { tool, state, astray, script } = fakes[recipe]!;
  let router: Router;
  let weighted: boolean;

  beforeEach(async () => {
    install(tool, script);
    setState(tool, state);
    mkdirSync(join(folder, 'ops'), { recursive: true });
    for (const { language, text } of blocksOf(recipe)) {
      const name = /^# (ops\/\S+)$/m.exec(text)?.[1];
      if (language === 'sh' && name) writeFileSync(join(folder, name), text, { mode: 0o755 });
    }
    const file = trafficSchema.parse(
      parse(blocksOf(recipe).find(({ language }) => language === 'yaml')!.text),
    );
    if (file.router.type !== 'command') throw new Error('another router');
    weighted = file.router.weighted;
    router = await openRouter(file.router, {
      http: createHttpClient(),
      clock: systemClock,
      workspace: folder,
      variable: (name) => `value-of-${name}`,
    });
  });

  test('reads that blue is live, switches to green and back, and finds nothing to do twice', async () => {
    expect((await router.read()).weights).toEqual(blue);
    await move(router, green);
    expect((await router.read()).weights).toEqual(green);
    expect(router.plan(await router.read(), green)).toEqual([]);
    await move(router, blue);
    expect((await router.read()).weights).toEqual(blue);
  });

  test('takes weighted steps where it says so', async () => {
    if (!weighted)
      return expect(() =>
        router.plan({ nodes: {}, weights: blue, version: '' }, { blue: 90, green: 10 }),
      ).toThrow(RangeError);
    await move(router, { blue: 90, green: 10 });
    expect((await router.read()).weights).toEqual({ blue: 90, green: 10 });
  });

  test('does not call a state known that is none of its own', async () => {
    setState(tool, astray ?? {});
    await expect(router.read()).rejects.toThrow('read command');
  });
});

describe('the recipe argo-rollouts', () => {
  interface Step {
    name?: string;
    uses?: string;
    run?: string;
    with?: Record<string, string>;
  }
  const workflow = parse(blocksOf('argo-rollouts').find(({ language }) => language === 'yaml')!.text) as {
    jobs: { release: { steps: Step[] } };
  };
  const { steps } = workflow.jobs.release;

  test('gives the actions of this suite inputs that they have, and all that they need', () => {
    const ours = steps.filter(({ uses }) => uses?.startsWith('org/devops-actions/'));
    expect(ours.map(({ name }) => name)).toEqual(['Smoke-test the preview', 'Gate', 'Smoke-test production']);
    for (const { uses, with: given = {} } of ours) {
      const action = /devops-actions\/([a-z-]+)@/.exec(uses!)![1]!;
      const { inputs } = parse(readFileSync(join('actions', action, 'action.yml'), 'utf8')) as {
        inputs: Record<string, { required?: boolean }>;
      };
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
      const needed = Object.keys(inputs).filter((name) => inputs[name]!.required);
      expect(Object.keys(given)).toEqual(expect.arrayContaining(needed));
    }
  });

  const run = (name: string) => {
    const step = steps.find((candidate) => candidate.name === name);
    return spawnSync('bash', ['-e', '-c', step!.run!], {
      env: { ...process.env, DIGEST: 'sha256:d' },
      encoding: 'utf8',
    });
  };
  const state = () => JSON.parse(readFileSync(join(folder, 'bin', 'kubectl.json'), 'utf8')) as unknown;

  beforeEach(() => {
    install(
      'kubectl',
      String.raw`
"argo rollouts set image shop app=ghcr.io/acme/shop@sha256:d --namespace shop") change '.preview = "new" | .phase = "Paused"' ;;
"wait rollout/shop --namespace shop --for=jsonpath="*) jq -e '.phase == "Paused"' "$state" ;;
"argo rollouts promote shop --namespace shop"*) change '.before = .active | .active = .preview | .phase = "Healthy"' ;;
"argo rollouts undo shop --namespace shop") change '.preview = .before | .phase = "Paused"' ;;
"argo rollouts abort shop --namespace shop") change '.preview = .active | .phase = "Degraded"' ;;
"argo rollouts status shop --namespace shop --timeout 5m") jq -e '.phase == "Healthy"' "$state" ;;`,
    );
    setState('kubectl', { active: 'old', preview: 'old', phase: 'Healthy' });
  });

  test('promotes what was deployed as a preview, and takes it back', () => {
    for (const name of ['Deploy the preview', 'Promote']) expect(run(name)).toMatchObject({ status: 0 });
    expect(state()).toMatchObject({ active: 'new', phase: 'Healthy' });
    expect(run('Roll back')).toMatchObject({ status: 0 });
    expect(state()).toMatchObject({ active: 'old', phase: 'Healthy' });
  });

  test('leaves production as it is when the preview fails', () => {
    expect(run('Deploy the preview').status).toBe(0);
    expect(run('Leave production as it is').status).toBe(0);
    expect(state()).toMatchObject({ active: 'old' });
  });
});
