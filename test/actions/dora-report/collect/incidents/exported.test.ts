import { describe, expect, it } from '@jest/globals';
import { readExport } from '../../../../../actions/dora-report/collect/incidents/exported.js';

const read = (json: unknown) => readExport(JSON.stringify(json), 'incidents.json', 'production');

describe('incidents of an export', () => {
  it('of PagerDuty are read, with the time they were resolved', () => {
    const entry = {
      id: 'Q1',
      html_url: 'https://acme.pagerduty.example/incidents/Q1',
      title: 'Cart is down',
      created_at: '2026-03-03T11:00:00Z',
      status: 'resolved',
      last_status_change_at: '2026-03-03T13:00:00+01:00',
      urgency: 'high',
      service: { summary: 'shop' },
      body: { details: 'caused-by: 4f1e2ab' },
    };
    expect(read({ incidents: [entry] })).toEqual([
      {
        key: 'Q1',
        source: 'pagerduty',
        url: entry.html_url,
        title: 'Cart is down',
        openedAt: '2026-03-03T11:00:00.000Z',
        closedAt: '2026-03-03T12:00:00.000Z',
        severity: 'high',
        marker: { service: 'shop', environment: 'production', causedBySha: '4f1e2ab' },
      },
    ]);
  });

  it('that is still open has no end, though its status changed', () => {
    const entry = {
      id: 'Q2',
      created_at: '2026-03-03T11:00:00Z',
      status: 'acknowledged',
      last_status_change_at: '2026-03-03T11:05:00Z',
      resolved_at: null,
    };
    expect(read({ incidents: [entry] })[0]).not.toHaveProperty('closedAt');
  });

  it('of Opsgenie begin and end with their impact', () => {
    const entry = {
      tinyId: '12',
      message: 'Cart is down',
      status: 'closed',
      priority: 'P1',
      impactStartDate: '2026-03-03T10:30:00Z',
      impactEndDate: '2026-03-03T11:30:00Z',
      createdAt: '2026-03-03T11:00:00Z',
      updatedAt: '2026-03-09T11:00:00Z',
      tags: ['caused-by: 42'],
      extraProperties: { service: 'shop' },
    };
    expect(read([{ data: [entry] }])[0]).toMatchObject({
      source: 'opsgenie',
      key: '12',
      openedAt: '2026-03-03T10:30:00.000Z',
      closedAt: '2026-03-03T11:30:00.000Z',
      marker: { service: 'shop', causedBy: 42 },
    });
  });

  it('of Jira have offsets without a colon, and an address to look at', () => {
    const fields = {
      summary: 'Cart is down',
      created: '2026-03-03T12:00:00.000+0100',
      resolutiondate: '2026-03-03T08:00:00.000-0500',
      components: [{ name: 'shop' }],
      labels: ['caused-by:4f1e2ab'],
    };
    const [incident] = read({
      issues: [{ key: 'OPS-1', self: 'https://acme.jira.example/rest/api/3/issue/1', fields }],
    });
    expect(incident).toMatchObject({
      url: 'https://acme.jira.example/browse/OPS-1',
      openedAt: '2026-03-03T11:00:00.000Z',
      closedAt: '2026-03-03T13:00:00.000Z',
      marker: { service: 'shop', causedBySha: '4f1e2ab' },
    });
  });

  it.each([
    ['without a date', { incidents: [{ id: 'Q1' }] }, /incident 1 has no instant at which it began/],
    [
      'with an end that is no date',
      { incidents: [{ created_at: '2026-03-03T11:00:00Z', resolved_at: 'soon' }] },
      /incident 1 ended at "soon"/,
    ],
    ['of no known shape', [{ incidents: [] }, { rows: [] }], /entry 1 has none of/],
  ])('%s are an error that names the entry', (_, json, message) => {
    expect(() => read(json)).toThrow(message);
  });
});
