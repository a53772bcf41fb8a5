/** Plans as `terraform show -json` writes them, made of what a test is about. */
export interface Made {
  address: string;
  type?: string;
  actions: string[];
  before?: unknown;
  after?: unknown;
  unknown?: unknown;
  beforeSensitive?: unknown;
  afterSensitive?: unknown;
  more?: object;
  change?: object;
}

export const planText = (changes: Made[], more: object = {}): string =>
  JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: changes.map((each) => ({
      address: each.address,
      mode: 'managed',
      type: each.type ?? each.address.split('.').at(-2),
      name: each.address.split('.').at(-1),
      ...each.more,
      change: {
        actions: each.actions,
        before: each.before ?? null,
        after: each.after ?? null,
        after_unknown: each.unknown ?? {},
        before_sensitive: each.beforeSensitive ?? {},
        after_sensitive: each.afterSensitive ?? {},
        ...each.change,
      },
    })),
    ...more,
  });

export const destroyed = (address: string): Made => ({ address, actions: ['delete'], before: { id: 'x' } });
export const replaced = (address: string): Made => ({
  address,
  actions: ['delete', 'create'],
  before: { size: 1 },
  after: { size: 2 },
});
export const created = (address: string): Made => ({ address, actions: ['create'], after: { size: 1 } });
