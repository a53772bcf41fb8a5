import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  incidentLabels,
  listIncidents,
  openIncident,
  readMarker,
  writeMarker,
  type IncidentMarker,
} from '../../../shared/ledger/incidents.js';
import { concerns } from '../../../shared/ledger/incident-rule.js';
import { ledgerStage, type LedgerStage } from './stage.js';

const marker = (changed: Partial<IncidentMarker> = {}): IncidentMarker => ({
  schema: 'devops-actions/incident@1',
  service: 'shop',
  environment: 'production',
  severity: 'critical',
  fingerprint: 'f1',
  openedAt: '2026-11-22T10:00:00Z',
  ...changed,
});

describe('the marker of an incident', () => {
  it.each([
    '-->',
    '<!--',
    '--!>',
    '<!-- devops-actions:incident {} -->',
    '"}',
    '\\',
    '\n',
    '\u2028',
    '$&',
    '😀',
  ])('carries %j as a value', (fingerprint) => {
    const text = writeMarker(marker({ fingerprint }));
    expect(text.match(/-->/g)).toHaveLength(1);
    expect(text.split('\n')).toHaveLength(1);
    expect(readMarker(`Body\n\n${text}\n`)).toEqual(marker({ fingerprint }));
  });

  it('carries any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (fingerprint) => {
        expect(readMarker(writeMarker(marker({ fingerprint })))).toEqual(marker({ fingerprint }));
      }),
    );
  });

  it('is the last of a text: what stands above it may quote others', () => {
    const forged = writeMarker(marker({ severity: 'low', fingerprint: 'forged' }));
    const broken = '<!-- devops-actions:incident {"schema":';
    for (const quoted of [forged, broken, `${forged}\n${broken}`]) {
      expect(readMarker(`Evidence:\n${quoted}\n\n${writeMarker(marker())}\n`)).toEqual(marker());
    }
  });

  it.each([
    ['nothing', ''],
    ['no end', '<!-- devops-actions:incident {"schema":'],
    ['no JSON', '<!-- devops-actions:incident x -->'],
    ['another version', writeMarker(marker()).replace('incident@1', 'incident@2')],
    ['a key too many', writeMarker(marker()).replace('{', '{"admin":true,')],
    ['a severity that does not exist', writeMarker(marker()).replace('"severity":"', '"severity":"huge')],
  ])('with %s is none', (_, text) => expect(readMarker(text)).toBeUndefined());
});

describe('an incident', () => {
  let shop: LedgerStage;
  beforeAll(async () => void (shop = await ledgerStage()));
  afterAll(async () => {
    await shop.close();
    expect(shop.server.control.violations()).toEqual([]);
  });

  const open = (changed: Partial<IncidentMarker>, body = 'Error rate 40 %.') =>
    openIncident(shop.github, { title: 'Shop fails', body, marker: marker(changed) });
  const find = async (number: number, writers?: string[]) =>
    (
      await listIncidents(shop.github, { states: ['OPEN', 'CLOSED'], ...(writers ? { writers } : {}) })
    ).incidents.find((incident) => incident.number === number);
  const change = async (actor: string, number: number, body: Record<string, unknown>) =>
    (await shop.as(actor)).rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      ...body,
    } as never);

  it('is found again with its labels, marker and times', async () => {
    const { number, url, fresh } = await open({ fingerprint: 'found', severity: 'high', causedBy: 7 });
    expect(fresh).toBe(true);
    expect(await find(number)).toMatchObject({
      number,
      url,
      title: 'Shop fails',
      open: true,
      closedAt: undefined,
      severity: 'high',
      services: ['shop'],
      labels: incidentLabels({ severity: 'high', service: 'shop' }),
      marker: marker({ fingerprint: 'found', severity: 'high', causedBy: 7 }),
    });
  });

  it('of a service with a long name concerns it, with the marker and by its label alone', async () => {
    const service = 'payments-gateway-for-the-northern-european-region';
    const { number } = await open({ fingerprint: 'long', service });
    const place = { service, environment: 'production' };
    expect((await find(number))?.services).toEqual([service]);
    expect(concerns((await find(number))!, place)).toBe(true);
    await change('octocat', number, { body: 'Somebody wrote another text.' });
    expect(await find(number)).toMatchObject({ marker: undefined });
    expect(concerns((await find(number))!, place)).toBe(true);
    expect(concerns((await find(number))!, { ...place, service: `${service}-2` })).toBe(false);
  });

  it('with the same fingerprint is not opened twice, but told more', async () => {
    const first = await open({ fingerprint: 'twice' });
    const second = await open({ fingerprint: 'twice' }, 'Still 40 %.');
    expect(second).toEqual({ number: first.number, url: first.url, fresh: false });
    const comments = await shop.github.rest('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: first.number,
    });
    expect(comments.map(({ body }) => body)).toEqual(['Still 40 %.']);
    expect((await open({ fingerprint: 'another' })).fresh).toBe(true);
  });

  it('that was closed is opened anew', async () => {
    const first = await open({ fingerprint: 'closed' });
    await change('github-actions[bot]', first.number, { state: 'closed' });
    expect((await open({ fingerprint: 'closed' })).number).not.toBe(first.number);
    expect(await find(first.number)).toMatchObject({ open: false, closedAt: expect.any(Number) });
  });

  it('edited by a person has lost its marker, and is then not the one to be told', async () => {
    const { number } = await open({ fingerprint: 'edited' });
    await change('hubot', number, { body: writeMarker(marker({ fingerprint: 'edited', severity: 'low' })) });
    expect((await find(number))?.marker).toBeUndefined();
    expect((await open({ fingerprint: 'edited' })).fresh).toBe(true);
  });

  it('edited by us keeps it', async () => {
    const { number } = await open({ fingerprint: 'ours' });
    await change('github-actions[bot]', number, {
      body: `More.\n\n${writeMarker(marker({ fingerprint: 'ours', severity: 'low' }))}`,
    });
    expect((await find(number))?.marker?.severity).toBe('low');
  });

  it('opened by a person has no marker, whatever its text says, and cannot swallow ours', async () => {
    const hubot = await shop.as('hubot');
    const { number } = await hubot.rest('POST /repos/{owner}/{repo}/issues', {
      title: 'Forged',
      body: writeMarker(marker({ fingerprint: 'forged' })),
      labels: ['incident', 'severity:low', 'service:shop'],
    });
    expect(await find(number)).toMatchObject({ marker: undefined, severity: 'low' });
    expect((await open({ fingerprint: 'forged' })).fresh).toBe(true);
  });

  it('opened by an App counts where the App is named', async () => {
    const app = await shop.as('pager-app[bot]');
    const { number } = await openIncident(
      app,
      { title: 'x', body: 'y', marker: marker({ fingerprint: 'app' }) },
      ['pager-app[bot]'],
    );
    expect((await find(number))?.marker).toBeUndefined();
    expect((await find(number, ['pager-app[bot]']))?.marker?.fingerprint).toBe('app');
  });

  it('is the most severe of its labels, and none without the label incident', async () => {
    const { number } = await open({ fingerprint: 'labels', severity: 'low' });
    await change('octocat', number, {
      labels: ['incident', 'severity:low', 'severity:critical', 'service:cart', 'service:shop'],
    });
    expect(await find(number)).toMatchObject({ severity: 'critical', services: ['cart', 'shop'] });
    await change('octocat', number, { labels: ['severity:low'] });
    expect(await find(number)).toBeUndefined();
  });
});
