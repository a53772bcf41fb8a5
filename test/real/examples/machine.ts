import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePorts, startServer } from '../../support/servers/real.js';
import type { Place } from './play.js';
import { startTeam } from './team.js';

export const example = join('examples', 'vm-nginx');
export type MachineRouter = 'nginx' | 'haproxy';

/** Does what a unit of systemd says, as far as this example uses it. */
const sudo = (root: string) => `#!/usr/bin/env bash
set -euo pipefail
test "$1" = systemctl
unit='${root}/units/'$3.service
key() { sed -n "s/^$1=//p" "$unit"; }
pid='${root}/'$3.pid
if test -f "$pid"; then kill "$(cat "$pid")" 2>/dev/null || true; rm "$pid"; fi
if test "$2" = restart; then
  set -a; source "$(key EnvironmentFile)"; set +a
  cd "$(key WorkingDirectory)"
  # shellcheck disable=SC2046
  nohup $(key ExecStart) > '${root}/'$3.log 2>&1 < /dev/null &
  echo $! > "$pid"
fi
`;

/** The machine of the example: its router and its application, with a folder for `/`. */
export async function startMachine(router: MachineRouter): Promise<Place> {
  const team = await startTeam(example, router);
  const { root } = team;
  const [web, probe, blue, green] = (await freePorts(4)) as [number, number, number, number];
  const ports: Readonly<Record<string, number>> = { 8080: blue, 8081: green, 8099: probe };
  /** The files of the machine, with this folder for its root and free ports for its own. */
  const here = (text: string) =>
    text
      .replaceAll('/srv', `${root}/srv`)
      .replaceAll('/var/lib', root)
      .replaceAll('/run/haproxy', root)
      .replaceAll('/etc/haproxy', root)
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll(/\b(8080|8081|8099)\b/g, (port) => String(ports[port]))
      .replace('listen 80;', `listen 127.0.0.1:${web};`)
      .replace('bind :80', `bind 127.0.0.1:${web}`)
      .replace('inter 2s', 'inter 200ms')
      .replace('https://shop.example.com', `http://127.0.0.1:${web}`);
  const file = (name: string) => here(readFileSync(join(example, 'machine', name), 'utf8'));
  const tool = (name: string, text: string) => {
    writeFileSync(join(root, 'bin', name), text);
    chmodSync(join(root, 'bin', name), 0o755);
  };

  mkdirSync(join(root, 'units'));
  for (const unit of ['shop-blue.service', 'shop-green.service'])
    writeFileSync(join(root, 'units', unit), file(unit));
  mkdirSync(join(root, 'bin'));
  tool('sudo', sudo(root));
  // A unit that does not come up is waited for 60 times.
  tool('sleep', '#!/bin/sh\nexec /bin/sleep 0.1\n');

  const startRouter = {
    nginx() {
      mkdirSync(join(root, 'shop-live'));
      writeFileSync(join(root, 'shop-live', 'blue'), '');
      const conf = join(root, 'nginx.conf');
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${root}/${name};`,
      );
      writeFileSync(
        conf,
        `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${root}/nginx.pid; worker_processes 2;
events { worker_connections 512; }
http { access_log off; ${temp.join(' ')}
${file('nginx.conf')}}`,
      );
      return startServer(['nginx', '-e', `${root}/error.log`, '-c', conf], () =>
        answers(`http://127.0.0.1:${probe}/-/live`),
      );
    },
    haproxy() {
      mkdirSync(join(root, 'live'));
      writeFileSync(join(root, 'live', 'shop.map'), 'shop shop_blue\n');
      const conf = join(root, 'haproxy.cfg');
      // Whoever runs the tests may be neither root nor in the group of HAProxy.
      writeFileSync(conf, file('haproxy.cfg').replaceAll(/^ +(user|group) haproxy\n| group haproxy/gm, ''));
      return startServer(['haproxy', '-db', '-f', conf], async () => existsSync(join(root, 'admin.sock')));
    },
  };
  const server = await startRouter[router]();

  return {
    team,
    url: `http://127.0.0.1:${web}`,
    here,
    brokenSays: 'did not answer',
    yours: /\.github\/traffic\/production\.yml:\d+: url: .*yours: the address of the users/,
    async close() {
      for (const colour of ['blue', 'green'])
        await team.script('deploy/remove', 'shop', 'production', colour);
      await server.stop();
      await team.close();
    },
  };
}
