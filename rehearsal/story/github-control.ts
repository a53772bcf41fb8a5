/** The stand-in's side doors: what only GitHub itself, or an administrator, does. */
export interface GitHubControl {
  url: string;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** REST as one of the people. */
  as(login: string): Promise<(method: string, path: string, body?: unknown) => Promise<unknown>>;
}

/** Talks to a running stand-in. */
export function controlGitHub(url: string): GitHubControl {
  async function send(
    address: string,
    method: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const answer = await fetch(address, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${address} answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  const call = <T>(method: string, path: string, body?: unknown) =>
    send(`${url}/_control${path}`, method, body) as Promise<T>;
  return {
    url,
    call,
    as: async (login) => {
      const { token } = await call<{ token: string }>('POST', '/tokens', { actor: login });
      return (method, path, body) =>
        send(`${url}${path}`, method, body, { authorization: `Bearer ${token}` });
    },
  };
}
