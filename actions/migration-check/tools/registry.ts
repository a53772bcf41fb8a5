import type { MigrationTool } from '../../../shared/contracts/reports/migration-report.js';
import { flyway } from './flyway.js';
import { alembic, command, django, rails } from './programs.js';
import { dbmate, golangMigrate, nodePgMigrate, plainSql, prisma } from './sql-folders.js';
import type { ToolFacts } from './tool.js';

/** What is known of each tool. */
export const toolFacts: Readonly<Record<MigrationTool, ToolFacts>> = {
  flyway,
  'golang-migrate': golangMigrate,
  'node-pg-migrate': nodePgMigrate,
  dbmate,
  prisma,
  rails,
  django,
  alembic,
  sql: plainSql,
  command,
};
