/** Headers whose whole value is a credential. */
const credentials =
  /^(authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token|x-csrf-token)$/i;

/**
 * The value of a header as it may be shown: nothing of a credential, and of a cookie that is set its name and
 * attributes.
 */
export function shownHeader(name: string, value: string): string {
  if (/^set-cookie$/i.test(name)) return value.replace(/^([^=;]*=)?[^;]*/, '$1***');
  return credentials.test(name) ? '***' : value;
}
