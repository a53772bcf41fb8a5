import { defineConfig } from '@playwright/test';

export default defineConfig({
  reporter: [['line'], ['junit']],
  forbidOnly: true,
  projects: ['e2e', 'accessibility'].map((name) => ({ name, testDir: name })),
  use: {
    baseURL: 'http://127.0.0.1:8000',
    extraHTTPHeaders: { 'x-forwarded-proto': 'https' },
    // A machine that has a browser already.
    launchOptions: { executablePath: process.env.CHROMIUM },
  },
  webServer: {
    command:
      'python manage.py migrate --no-input && python manage.py loaddata mug && python manage.py runserver --noreload 8000',
    port: 8000,
    timeout: 120_000,
  },
});
