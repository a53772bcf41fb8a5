import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpClient } from '../../../shared/http/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { openRouter } from '../../../shared/traffic/registry.js';
import type { Router, Weights } from '../../../shared/traffic/router.js';
import { routerSchema } from '../../../shared/traffic/routers/schemas.js';

const blue = { blue: 100, green: 0 };
const green = { blue: 0, green: 100 };

/** No provider is needed for this one; `hold` makes an apply slow, so that its state lock can be met. */
const main = `
variable "weights" { type = map(number) }
variable "hold" { default = 0 }
resource "terraform_data" "traffic" {
  input            = var.weights
  triggers_replace = var.hold
  provisioner "local-exec" { command = "touch applying; sleep \${var.hold}" }
}
output "weights" { value = terraform_data.traffic.output }
`;

const read = `#!/bin/sh
set -eu
printf '{"weights":%s}' "$(terraform output -json weights)"
`;

/** The document is a Terraform variable as it stands: JSON is what it reads in .tfvars.json. */
const set = `#!/bin/sh
set -eu
sed 's/,"from":{[^}]*}//' > traffic.auto.tfvars.json
terraform apply -input=false -auto-approve -no-color
`;

describe('Terraform as a router of commands', () => {
  const http = createHttpClient();
  const variables = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  let folder: string;
  let router: Router;
  const terraform = (...words: string[]) =>
    execFileSync('terraform', words, { cwd: folder, env: { ...process.env, ...variables }, stdio: 'pipe' });
  async function move(target: Weights): Promise<number> {
    const calls = router.plan(await router.read(), target);
    for (const call of calls) await router.apply(call);
    return calls.length;
  }

  beforeAll(async () => {
    if (spawnSync('terraform', ['version'], { env: { ...process.env, ...variables } }).status !== 0)
      throw new Error('terraform is not on the PATH: install Terraform 1.4 or later and run this again');
    folder = mkdtempSync(join(tmpdir(), 'terraform-'));
    writeFileSync(join(folder, 'main.tf'), main);
    for (const [name, text] of Object.entries({ 'read.sh': read, 'set.sh': set })) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    terraform('init', '-input=false');
    terraform('apply', '-input=false', '-auto-approve', '-var', 'weights={"tg-blue":100,"tg-green":0}');
    const section = {
      type: 'command',
      nodes: [{ name: 'terraform', read: ['./read.sh'], set: ['./set.sh'] }],
      backends: { blue: 'tg-blue', green: 'tg-green' },
      env: Object.keys(variables),
      weighted: true,
    };
    router = await openRouter(routerSchema.parse(section), {
      http,
      clock: systemClock,
      workspace: folder,
      variable: (name) => variables[name as keyof typeof variables],
    });
  });

  afterAll(() => {
    http.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => void (await move(blue)));

  it('is switched, read back and switched back', async () => {
    expect((await router.read()).weights).toEqual(blue);
    expect(await move(green)).toBe(1);
    expect((await router.read()).weights).toEqual(green);
    expect(await move(green)).toBe(0);
    expect(await move(blue)).toBe(1);
    expect((await router.read()).weights).toEqual(blue);
  });

  it('shares traffic by weight', async () => {
    await move({ blue: 90, green: 10 });
    expect((await router.read()).weights).toEqual({ blue: 90, green: 10 });
  });

  it('does the same when a journaled call is made twice', async () => {
    const [call] = router.plan(await router.read(), green);
    await router.apply(call!);
    await router.apply(call!);
    expect((await router.read()).weights).toEqual(green);
  });

  it('leaves what someone else applied between plan and call', async () => {
    const [call] = router.plan(await router.read(), green);
    terraform('apply', '-input=false', '-auto-approve', '-var', 'weights={"tg-blue":60,"tg-green":40}');
    await expect(router.apply(call!)).rejects.toThrow(
      /changed by someone else .* it says blue 60 %, green 40 %/,
    );
    expect((await router.read()).weights).toEqual({ blue: 60, green: 40 });
  });

  it("passes on Terraform's own word when another run holds the state", async () => {
    const flag = join(folder, 'applying');
    rmSync(flag, { force: true });
    const other = spawn(
      'terraform',
      [
        'apply',
        '-input=false',
        '-auto-approve',
        '-var',
        'weights={"tg-blue":100,"tg-green":0}',
        '-var',
        'hold=5',
      ],
      { cwd: folder, env: { ...process.env, ...variables }, stdio: 'ignore' },
    );
    const ended = once(other, 'exit');
    while (!existsSync(flag)) await sleep(50);
    await expect(move(green)).rejects.toThrow(/the set command ".\/set\.sh" ended with 1 .*[Ll]ock/);
    await ended;
    expect((await router.read()).weights).toEqual(blue);
  });
});
