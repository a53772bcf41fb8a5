import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JsonlLog } from './jsonl-log.js';

export interface User {
  id: string;
  tenant: string;
  email: string;
  salt: string;
  hash: string;
}

export interface Order {
  id: string;
  tenant: string;
  customer: string;
  items: { productId: string; quantity: number }[];
  /** Cents. */
  total: number;
  status: 'placed';
  placedAt: string;
}

/** Users and orders, shared by all versions of the shop that are given the same folder. */
export class Store {
  private readonly users = new Map<string, User>();
  private readonly orders = new Map<string, Order>();
  private readonly userLog: JsonlLog<User>;
  private readonly orderLog: JsonlLog<Order>;

  constructor(folder: string | undefined) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    const file = (name: string): string | undefined =>
      folder === undefined ? undefined : join(folder, name);
    this.userLog = new JsonlLog(file('users.jsonl'), (user) => {
      const key = userKey(user);
      if (!this.users.has(key)) this.users.set(key, user);
    });
    this.orderLog = new JsonlLog(file('orders.jsonl'), (order) => this.orders.set(order.id, order));
  }

  /** false if the address was taken, also by a rival process a moment ago. */
  addUser(user: User): boolean {
    if (this.findUser(user.tenant, user.email)) return false;
    this.userLog.append(user);
    return this.users.get(userKey(user))?.id === user.id;
  }

  findUser(tenant: string, email: string): User | undefined {
    return found(this.users, userKey({ tenant, email }), this.userLog);
  }

  addOrder(order: Order): void {
    this.orderLog.append(order);
  }

  findOrder(id: string): Order | undefined {
    return found(this.orders, id, this.orderLog);
  }

  close(): void {
    this.userLog.close();
    this.orderLog.close();
  }
}

const userKey = ({ tenant, email }: Pick<User, 'tenant' | 'email'>): string =>
  `${tenant}\n${email.toLowerCase()}`;

function found<Value>(
  known: Map<string, Value>,
  key: string,
  log: { catchUp: () => void },
): Value | undefined {
  const value = known.get(key);
  if (value !== undefined) return value;
  log.catchUp();
  return known.get(key);
}
