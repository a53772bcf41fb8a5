/** Who acts, a person or an App, and what they may. */

export type Level = 'read' | 'write' | 'admin';
export type Permissions = Record<string, Level | 'none'>;
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Actor {
  id: number;
  login: string;
  type: 'User' | 'Bot';
  role: Role;
  createdAt: number;
}

export interface App {
  id: number;
  slug: string;
  name: string;
}
