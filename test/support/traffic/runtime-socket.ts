import * as net from 'node:net';

/** Sends text to a runtime API socket and reads until it closes. */
export function ask(socket: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const connection = net.connect(socket, () => connection.write(text));
    connection.setEncoding('utf8');
    connection.on('data', (chunk: string) => (received += chunk));
    connection.once('error', reject);
    connection.once('close', () => resolve(received));
  });
}

/** One command line's answer. */
export const command = (socket: string, line: string): Promise<string> => ask(socket, `${line}\n`);
