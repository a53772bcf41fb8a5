import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lookAtParts } from '../../cli/doctor/part-lines.js';
import { openGitHub } from '../../shared/github/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { allWrite, stage, type Stage } from '../rehearsal/github/support.js';
import { inRepository, type Team } from './init/support.js';

let shop: Stage;
beforeAll(async () => {
  shop = await stage();
});
afterAll(() => shop.close());

const github = () => {
  const { token } = shop.server.control.addToken({ actor: 'octocat', permissions: allWrite });
  const at = { owner: 'acme', repository: 'shop', apiUrl: shop.server.url };
  return openGitHub({ token, at, clock: systemClock, random: () => 0 });
};
const withParts = (team: Team) =>
  team.init({ with: 'hotfix,incident-response,infrastructure', terraform: 'infra' });

describe('the doctor asks for what the parts need when they run', () => {
  test('nothing, where there is no part', () =>
    inRepository(async (team) => {
      await team.init();
      expect(await lookAtParts(team.root, await github())).toEqual([]);
    }));

  test('executables that nobody wrote, files that nobody made, environments that are not there', () =>
    inRepository(async (team) => {
      await withParts(team);
      const lines = await lookAtParts(team.root, await github());
      expect(lines.map(({ what, is }) => `${is} ${what}`)).toEqual(
        expect.arrayContaining([
          'wrong part .github/workflows/infrastructure.yml',
          'wrong part deploy/ephemeral',
          'wrong part deploy/contain',
          'wrong part test/acceptance',
          'wrong environment ephemeral',
          'wrong environment production-plan',
        ]),
      );
      expect(lines.filter(({ fix }) => fix === undefined)).toEqual([]);
      expect(lines.find(({ detail }) => detail.includes('.crt'))!.fix).toContain('openssl req -x509');
    }));

  test('and is content where they are', () =>
    inRepository(async (team) => {
      await withParts(team);
      for (const path of ['infra/main.tf', '.github/infrastructure.crt']) await team.write(path, '\n');
      // A file that is there stays executable.
      for (const path of ['deploy/ephemeral', 'deploy/contain', 'test/acceptance'])
        await team.write(path, '#!/bin/sh\nexit 0\n');
      const admin = shop.octokit('octocat');
      for (const name of ['ephemeral', 'production-plan'])
        await admin.rest.repos.createOrUpdateEnvironment({ ...shop.at, environment_name: name });
      expect(await lookAtParts(team.root, await github())).toEqual([
        { what: 'environment ephemeral', is: 'ok', detail: 'is there' },
        { what: 'environment production-plan', is: 'ok', detail: 'is there' },
      ]);
    }));

  test('by the command too, without GitHub', () =>
    inRepository(async (team) => {
      await withParts(team);
      const { code, out } = await team.cli(['doctor', '--environment', 'production', '--offline']);
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          /WRONG {3}part deploy\/contain +line \d+ fails until somebody writes[^\n]*\n +Fix: write it in deploy\/contain/,
        ),
      ]);
    }));
});
