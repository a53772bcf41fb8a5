import { randomBytes, randomUUID } from 'node:crypto';
import { products, search } from './catalogue.js';
import type { Order, Store } from './store.js';
import { hashPassword, issueToken, readToken, sameText, type Session } from './tokens.js';

/** One request as the routes see it. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Parsed JSON body; undefined when absent or malformed. */
  body: unknown;
  authorization: string | undefined;
  tenant: string;
  tenantLeak: boolean;
}

export interface Reply {
  status: number;
  /** JSON unless it is a string, which is HTML. */
  body: object | string;
}

export interface Shop {
  store: Store;
  key: string;
  version: string;
}

type Handler = (call: Call, shop: Shop, id: string) => Reply | Promise<Reply>;

const problem = (status: number, error: string): Reply => ({ status, body: { error } });

function textField(body: unknown, name: string): string | undefined {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const register: Handler = async ({ body, tenant }, { store }) => {
  const [email, password] = [textField(body, 'email'), textField(body, 'password')];
  if (!email?.includes('@') || !password) return problem(400, 'email and password are needed');
  const salt = randomBytes(16).toString('hex');
  const user = { id: randomUUID(), tenant, email, salt, hash: await hashPassword(password, salt) };
  if (!store.addUser(user)) return problem(409, 'this email is registered already');
  return { status: 201, body: { id: user.id, email } };
};

const login: Handler = async ({ body, tenant }, { store, key }) => {
  const [email, password] = [textField(body, 'email'), textField(body, 'password')];
  const user = email && password ? store.findUser(tenant, email) : undefined;
  if (!user || !password || !sameText(await hashPassword(password, user.salt), user.hash)) {
    return problem(401, 'unknown email or wrong password');
  }
  return { status: 200, body: { token: issueToken(key, { user: user.id, tenant }) } };
};

/** A token is good only in the tenant it was issued for. */
function signedIn(call: Call, shop: Shop, then: (session: Session) => Reply): Reply {
  const session = readToken(shop.key, call.authorization);
  return session?.tenant === call.tenant ? then(session) : problem(401, 'sign in to this tenant first');
}

function readItems(body: unknown): Order['items'] | undefined {
  const items = (body as { items?: unknown } | undefined)?.items;
  if (!Array.isArray(items) || items.length === 0) return undefined;
  const read = items.map((item: unknown) => {
    const quantity = (item as { quantity?: unknown } | null)?.quantity ?? 1;
    return { productId: textField(item ?? undefined, 'productId') ?? '', quantity: Number(quantity) };
  });
  const known = ({ productId, quantity }: Order['items'][number]): boolean =>
    Number.isInteger(quantity) && quantity > 0 && products.some(({ id }) => id === productId);
  return read.every(known) ? read : undefined;
}

const placeOrder: Handler = (call, shop) =>
  signedIn(call, shop, ({ user, tenant }) => {
    const items = readItems(call.body);
    if (!items) return problem(400, 'items are needed: [{productId, quantity}]');
    const price = (productId: string): number => products.find(({ id }) => id === productId)?.price ?? 0;
    const order: Order = {
      id: randomUUID(),
      tenant,
      customer: user,
      items,
      total: items.reduce((sum, { productId, quantity }) => sum + price(productId) * quantity, 0),
      status: 'placed',
      placedAt: new Date().toISOString(),
    };
    shop.store.addOrder(order);
    return { status: 201, body: order };
  });

const readOrder: Handler = (call, shop, id) =>
  signedIn(call, shop, ({ tenant }) => {
    const order = shop.store.findOrder(id);
    if (!order || (order.tenant !== tenant && !call.tenantLeak)) return problem(404, 'no such order');
    return { status: 200, body: order };
  });

const home: Handler = (_, { version }) => ({
  status: 200,
  body:
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>\n<body><h1>Shop</h1>\n' +
    `<ul>${products.map(({ name }) => `<li>${name}</li>`).join('')}</ul>\n` +
    `<footer>version ${escapeHtml(version)}</footer>\n</body></html>\n`,
});

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

const routes: { method: string; route: string; pattern: RegExp; handle: Handler }[] = [
  { method: 'GET', route: '/', pattern: /^\/$/, handle: home },
  { method: 'POST', route: '/api/register', pattern: /^\/api\/register$/, handle: register },
  { method: 'POST', route: '/api/login', pattern: /^\/api\/login$/, handle: login },
  {
    method: 'GET',
    route: '/api/products',
    pattern: /^\/api\/products$/,
    handle: ({ query }) => ({ status: 200, body: { products: search(query.get('q') ?? '') } }),
  },
  { method: 'POST', route: '/api/orders', pattern: /^\/api\/orders$/, handle: placeOrder },
  { method: 'GET', route: '/api/orders/:id', pattern: /^\/api\/orders\/([^/]+)$/, handle: readOrder },
];

/** The route's name for metrics, and what answers it. */
export function findRoute(
  method: string,
  path: string,
): { route: string; answer: (call: Call, shop: Shop) => Reply | Promise<Reply> } {
  const onPath = routes.filter(({ pattern }) => pattern.test(path));
  const match = onPath.find((candidate) => candidate.method === method);
  if (match) {
    const id = match.pattern.exec(path)?.[1] ?? '';
    return { route: match.route, answer: (call, shop) => match.handle(call, shop, id) };
  }
  const [other] = onPath;
  if (other) return { route: other.route, answer: () => problem(405, `use ${other.method}`) };
  return { route: 'other', answer: () => problem(404, 'no such page') };
}
