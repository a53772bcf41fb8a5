/** Files of a small project of each tool: what the live release has, and the migration that is released. */
export interface Project {
  /** Files of the live release. */
  live: Record<string, string>;
  /** The migration of the release: a column `stock` that may be null. */
  released: Record<string, string>;
  /** Its source in the migrations file. */
  source: string;
  /** How it is applied and taken back, and how the live release was. */
  apply: string[];
  undo: string[];
  first: string[];
  version: string;
}

/** A Django project with one app; `bin` is the folder of the tools. */
export function django(bin: string): Project {
  const python = `${bin}/python`;
  const settings = `import os
from urllib.parse import urlparse
url = urlparse(os.environ['DATABASE_URL'])
SECRET_KEY = 'only for tests'
INSTALLED_APPS = ['shop']
USE_TZ = True
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
DATABASES = {'default': {
    'ENGINE': 'django.db.backends.postgresql', 'NAME': url.path[1:], 'USER': url.username,
    'PASSWORD': url.password, 'HOST': url.hostname, 'PORT': url.port,
}}
`;
  const manage = `import os, sys
sys.dont_write_bytecode = True
os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`;
  const migration = (dependencies: string, operations: string) => `from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [${dependencies}]
    operations = [${operations}]
`;
  return {
    live: {
      'src/manage.py': manage,
      'src/settings.py': settings,
      'src/shop/__init__.py': '',
      'src/shop/migrations/__init__.py': '',
      'src/shop/migrations/0001_initial.py': migration(
        '',
        `migrations.CreateModel('Item', [
        ('id', models.BigAutoField(primary_key=True)), ('name', models.CharField(max_length=50))])`,
      ),
    },
    released: {
      'src/shop/migrations/0002_stock.py': migration(
        `('shop', '0001_initial')`,
        `migrations.AddField('Item', 'stock', models.IntegerField(null=True))`,
      ),
    },
    source: `{ tool: django, folder: src, manage: ['${python}', src/manage.py], env: [DATABASE_URL] }`,
    apply: [python, 'src/manage.py', 'migrate', '--no-input'],
    undo: [python, 'src/manage.py', 'migrate', '--no-input', 'shop', '0001'],
    first: [python, 'src/manage.py', 'migrate', '--no-input', 'shop', '0001'],
    version: `SELECT max(name) FROM django_migrations WHERE app = 'shop'`,
  };
}

/** An Alembic project. */
export function alembic(bin: string): Project {
  const program = `${bin}/alembic`;
  const env = `import os, sys
sys.dont_write_bytecode = True
from alembic import context
from sqlalchemy import create_engine
if context.is_offline_mode():
    context.configure(dialect_name='postgresql', literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ['DATABASE_URL'].replace('postgresql:', 'postgresql+psycopg:')).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
`;
  const revision = (name: string, before: string, up: string, down: string) => `from alembic import op
import sqlalchemy as sa
revision = '${name}'
down_revision = ${before}

def upgrade():
    ${up}

def downgrade():
    ${down}
`;
  return {
    live: {
      'alembic.ini': '[alembic]\nscript_location = %(here)s/migrations\n',
      'migrations/env.py': env,
      'migrations/versions/0001_items.py': revision(
        '0001',
        'None',
        `op.create_table('shop_item', sa.Column('id', sa.BigInteger, primary_key=True), sa.Column('name', sa.Text))`,
        `op.drop_table('shop_item')`,
      ),
    },
    released: {
      'migrations/versions/0002_stock.py': revision(
        '0002',
        `'0001'`,
        `op.add_column('shop_item', sa.Column('stock', sa.Integer))`,
        `op.drop_column('shop_item', 'stock')`,
      ),
    },
    source: `{ tool: alembic, folder: migrations/versions, alembic: ['${program}'], env: [DATABASE_URL] }`,
    apply: [program, 'upgrade', 'head'],
    undo: [program, 'downgrade', '0001'],
    first: [program, 'upgrade', '0001'],
    version: 'SELECT version_num FROM alembic_version',
  };
}
