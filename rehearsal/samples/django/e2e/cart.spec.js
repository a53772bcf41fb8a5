import { expect, test } from '@playwright/test';

test('a mug that is added stands in the cart', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Add mug' }).click();
  await expect(page.getByLabel('In the cart')).toHaveValue('1');
});
