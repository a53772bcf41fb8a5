import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

test('the shop can be used by everybody', async ({ page }) => {
  await page.goto('/');
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help }) => `${id}: ${help}`);
  expect(found, found.join('; ')).toEqual([]);
});
