import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keepComment, pullOf } from '../../../shared/github/sticky-comment.js';
import { olderThanSchemaAllows } from '../../../shared/traffic/switch/schema-guard.js';
import { configPath, migrationStage, plainConfig, type MigrationStage } from './stage.js';

let at: MigrationStage;
beforeEach(async () => {
  at = await migrationStage();
});
afterEach(() => at.close());

const repository = 'acme/shop';
const writers = ['github-actions[bot]'];
async function texts(pull: number): Promise<string[]> {
  const reader = await at.as('mona', { pull_requests: 'read' });
  const comments = await reader.rest('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: pull,
  });
  return comments.map(({ body }) => body ?? '');
}

describe('the comment on a pull request', () => {
  it('is one per environment and service, brought up to date; what others wrote with our marker stays', async () => {
    const { number: pull } = await at.pull({ branch: 'drop', files: { a: 'b' }, method: false });
    const bot = await at.as('github-actions[bot]', { pull_requests: 'write' });
    const about = { pull, kind: 'migrations', about: ['production', 'shop'], run: 'https://github.com/r' };
    const keep = (text: string, more = {}) =>
      keepComment(bot, { ...about, text, ...more }, { repository, writers });
    expect(await keep('## first')).toBeUndefined();
    const [first] = await texts(pull);
    const mona = await at.as('mona', { pull_requests: 'write' });
    await mona.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: pull,
      body: first!.replace('first', 'forged'),
    });
    expect(await keep(`## second\n${'x\n'.repeat(50_000)}`)).toBeUndefined();
    // Without a line to cut at, GitHub would take nothing at all.
    expect(await keep(`## second${'x'.repeat(80_000)}`)).toBeUndefined();
    expect((await texts(pull))[0]!.length).toBeLessThan(65_536);
    expect(await keep('## other', { about: ['production', 'cart'] })).toBeUndefined();
    const left = await texts(pull);
    expect(left.map((text) => text.slice(0, 9))).toEqual(['## second', '## forged', '## other\n']);
    expect(left[0]!.length).toBeLessThan(65_536);
  });

  it('is not there for a fork or without the permission, and that is said', async () => {
    const { number: pull } = await at.pull({ branch: 'drop', files: { a: 'b' }, method: false });
    const about = {
      pull,
      kind: 'migrations',
      about: ['production', 'shop'],
      text: '',
      run: 'https://github.com/r',
    };
    const bot = await at.as('github-actions[bot]', { pull_requests: 'read' });
    expect(await keepComment(bot, about, { repository: 'fork/shop', writers })).toMatch(/from a fork/);
    expect(await keepComment(bot, about, { repository, writers })).toMatch(
      /There is no comment on the pull request: This job may not write/,
    );
    expect(await texts(pull)).toEqual([]);
  });

  it('is asked for only by a run of a pull request', () => {
    expect(pullOf({ eventName: 'pull_request', ref: 'refs/pull/12/merge' })).toBe(12);
    expect(pullOf({ eventName: 'pull_request_target', ref: 'refs/heads/main' })).toBeUndefined();
    expect(pullOf({ eventName: 'push', ref: 'refs/pull/12/merge' })).toBeUndefined();
  });
});

it('what the check gives binds reverts and rollbacks to apps that the schema still carries', async () => {
  const live = at.change({
    [configPath]: plainConfig,
    'db/001.sql': 'CREATE TABLE users (id int, name text);\n',
  });
  await at.released(live, { version: '1.4.0-rc.2' });
  const waiver = '-- migration-check: allow drop-column until 2026-12-31 because nothing reads it\n';
  const sha = at.change({ 'db/002.sql': `${waiver}ALTER TABLE users DROP COLUMN name;\n` });
  const { outputs } = await at.migrate(sha);
  const schema = {
    version: outputs['schema-version']!,
    oldestCompatibleApp: outputs['oldest-compatible-app']!,
  };
  expect(schema).toEqual({ version: '002', oldestCompatibleApp: '1.4.0-rc.2' });
  const allows = (app: string) => olderThanSchemaAllows(schema, app) === undefined;
  expect(['1.3.9', '1.4.0-rc.1', '1.4.0-rc.2', '1.4.0-rc.10', '1.4.0'].map(allows)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});
