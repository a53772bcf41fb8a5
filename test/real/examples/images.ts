import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';

/**
 * Stands in for docker and a registry, where a test has neither: an image is a folder with what the Dockerfile copies,
 * and its digest that of these files and of the build argument.
 */
const docker = (images: string) => `#!/usr/bin/env bash
set -euo pipefail
while test $# -gt 1; do
  case "$1" in --build-arg) argument=$2 ;; --metadata-file) facts=$2 ;; esac
  shift
done
image=$(mktemp -d '${images}/new-XXXXXX')
read -r -a files <<< "$(sed -n 's/^COPY \\(.*\\) \\.\\/$/\\1/p' "$1/Dockerfile")"
(cd "$1" && cp "\${files[@]}" "$image")
echo "$argument" > "$image/argument"
sum=$(cat "$image"/* | sha256sum | cut -d' ' -f1)
test -d '${images}'/"$sum" || mv -T "$image" '${images}'/"$sum"
echo "{\\"containerimage.digest\\":\\"sha256:$sum\\"}" > "$facts"
`;

/** Puts a tool for the scripts of a team into its folder `bin`. */
export function putTool(root: string, name: string, text: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin', name), text);
  chmodSync(join(root, 'bin', name), 0o755);
}

export function startRegistry(root: string): string {
  const images = join(root, 'images');
  mkdirSync(images);
  putTool(root, 'docker', docker(images));
  return images;
}

/** A process that stands for a container: the image `NAME@sha256:…`, and a port of this machine for its own. */
export interface Container {
  port: number;
  /** Whether its process lives. */
  isUp(): boolean;
  stop(): Promise<void>;
}

export function runContainer(
  images: string,
  image: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Container {
  const folder = join(images, image.split('@sha256:')[1]!);
  const [name = '', value = ''] = readFileSync(join(folder, 'argument'), 'utf8').trim().split('=');
  const child: ChildProcess = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { ...env, [name]: value, PORT: String(port) },
    stdio: 'ignore',
  });
  return {
    port,
    isUp: () => child.exitCode === null,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A way in: each connection goes to one of the ports that are given when it comes, and is closed where there are none. */
export async function startWayIn(ports: () => Promise<readonly number[]>) {
  let count = 0;
  const server = net.createServer((user) => {
    user.on('error', () => user.destroy());
    void ports().then(
      (open) => {
        const port = open[count++ % open.length];
        if (port === undefined) return user.destroy();
        const behind = net.connect(port, '127.0.0.1');
        behind.on('error', () => user.destroy());
        behind.on('close', () => user.destroy());
        user.on('close', () => behind.destroy());
        return user.pipe(behind).pipe(user);
      },
      () => user.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}
