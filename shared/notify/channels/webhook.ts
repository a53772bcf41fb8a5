import { createHmac } from 'node:crypto';
import { defineChannel, json } from '../channel.js';

/**
 * Any other service: the message as JSON, signed. The receiver computes HMAC-SHA256 over `<timestamp>.<body>` and
 * refuses old timestamps.
 */
export const webhook = defineChannel({
  name: 'webhook',
  inputs: ['webhook-url', 'webhook-secret'],
  spacingMs: 1_000,
  form: (message, settings, { now }) => {
    const body = JSON.stringify(message);
    const timestamp = String(Math.floor(now / 1_000));
    const signature = createHmac('sha256', settings['webhook-secret']!)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    return {
      url: settings['webhook-url']!,
      headers: {
        ...json,
        'x-devops-actions-timestamp': timestamp,
        'x-devops-actions-signature': `sha256=${signature}`,
      },
      body,
    };
  },
  doubt: (status) => (status >= 200 && status < 300 ? undefined : 'a receiver confirms a message with 2xx'),
});
