import type { Source } from '../config/schema.js';
import { alembicPrinter } from './alembic.js';
import { commandPrinter } from './command.js';
import { djangoPrinter } from './django.js';
import type { Printer } from './printer.js';

/** How the migrations of a source are printed as SQL; undefined where they are SQL. */
export function printerOf(source: Source): Printer | undefined {
  switch (source.tool) {
    case 'django':
      return djangoPrinter(source.manage, source.database);
    case 'alembic':
      return alembicPrinter(source.alembic);
    case 'rails':
    case 'command':
      return commandPrinter(source.print);
    default:
      return undefined;
  }
}
