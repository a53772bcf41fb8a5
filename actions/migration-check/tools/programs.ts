import { byText, type NamedFile, type ToolFacts } from './tool.js';

const other: NamedFile = { is: 'other' };

/** Django: <app>/migrations/0043_prices.py. */
export const django: ToolFacts = {
  tool: 'django',
  files: 'programs',
  name(path) {
    const [, app, name] = /(?:^|\/)([^/]+)\/migrations\/(\w+)\.py$/.exec(path) ?? [];
    if (app === undefined || name === '__init__') return other;
    return { is: 'migration', version: `${app}.${name}`, part: 'both' };
  },
  strictOrder: false,
  inverse: false,
  transaction: 'none',
};

/** Alembic: Python files in versions/. */
export const alembic: ToolFacts = {
  tool: 'alembic',
  files: 'programs',
  name: (path) =>
    /^[^/]+\.py$/.test(path) && path !== '__init__.py'
      ? { is: 'migration', version: path.replace(/\.py$/, ''), part: 'both' }
      : other,
  strictOrder: false,
  inverse: false,
  transaction: 'none',
};

/** Rails: db/migrate/20261129073000_prices.rb. */
export const rails: ToolFacts = {
  tool: 'rails',
  files: 'programs',
  name(path) {
    if (!path.endsWith('.rb')) return other;
    const [, version] = /^(\d+)_[^/]*\.rb$/.exec(path) ?? [];
    return version === undefined
      ? { is: 'wrong', why: 'Rails runs <timestamp>_<text>.rb' }
      : { is: 'migration', version, part: 'both' };
  },
  compare: byText,
  strictOrder: false,
  inverse: false,
  transaction: 'file',
};

/** Any tool: each file of the folder is a migration. */
export const command: ToolFacts = {
  tool: 'command',
  files: 'programs',
  name: (path) => ({ is: 'migration', version: path, part: 'both' }),
  compare: byText,
  strictOrder: false,
  inverse: false,
  transaction: 'none',
};
