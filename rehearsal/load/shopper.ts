import type { Ask } from './request.js';

/** One customer: registers, signs in, then browses, orders and looks at earlier orders, over and over. */
export class Shopper {
  private readonly headers: Record<string, string>;
  private readonly name: string;
  private attempts = 1;
  private registered = false;
  private token: string | undefined;
  private orders: string[] = [];
  private step = 0;

  /** `name` must be new in the tenant: it becomes the customer's email. */
  constructor(name: string, tenant: string) {
    this.headers = { 'x-tenant': tenant };
    this.name = name;
  }

  /** A registration whose answer was lost may have taken the address, so each attempt uses its own. */
  private get credentials(): { email: string; password: string } {
    const name = `${this.name}-${this.attempts}`;
    return { email: `${name}@shop.example`, password: `${name}-password` };
  }

  /** The next request and what to do with its answer (undefined: it failed). */
  next(): { ask: Ask; took: (answer: Record<string, unknown> | undefined) => void } {
    const { headers } = this;
    const ignore = (): void => undefined;
    if (!this.registered) {
      return {
        ask: { method: 'POST', path: '/api/register', body: this.credentials, headers },
        took: (answer) => {
          if (answer) this.registered = true;
          else this.attempts += 1;
        },
      };
    }
    if (this.token === undefined) {
      return {
        ask: { method: 'POST', path: '/api/login', body: this.credentials, headers },
        took: (answer) => {
          this.token = typeof answer?.['token'] === 'string' ? answer['token'] : undefined;
        },
      };
    }
    const signedIn = { ...headers, authorization: `Bearer ${this.token}` };
    this.step += 1;
    const order = this.orders[this.step % Math.max(1, this.orders.length)];
    switch (this.step % 8) {
      case 1:
        return {
          ask: {
            method: 'POST',
            path: '/api/orders',
            body: { items: [{ productId: `p-${1 + (this.step % 7)}`, quantity: 2 }] },
            headers: signedIn,
          },
          took: (answer) => {
            if (typeof answer?.['id'] === 'string') this.orders = [...this.orders.slice(-4), answer['id']];
          },
        };
      case 2:
      case 5:
        if (order === undefined) break;
        return { ask: { method: 'GET', path: `/api/orders/${order}`, headers: signedIn }, took: ignore };
      case 4:
        return { ask: { method: 'GET', path: '/', headers }, took: ignore };
      case 7:
        return { ask: { method: 'GET', path: '/api/products?q=mug', headers }, took: ignore };
    }
    return { ask: { method: 'GET', path: '/api/products', headers }, took: ignore };
  }
}
