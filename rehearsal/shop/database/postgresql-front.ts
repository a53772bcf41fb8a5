import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { PostgresqlReader, cString, errorMessage, int32, message } from './postgresql-messages.js';
import { answerScram } from './scram-server.js';

// The frontend/backend protocol, version 3.0: https://www.postgresql.org/docs/current/protocol.html
const protocolVersion = 196_608;
const tlsRequest = Buffer.concat([int32(8), int32(80_877_103)]);

/** A login with its password, and the schema that it works in: the one of its own name it owns, others it reads. */
export interface Account {
  user: string;
  password: string;
  schema: string;
}

/** One client's turn at the database. */
export interface Session {
  /** Runs one message of the client and gives what the database says to it. */
  answer(frame: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

export interface FrontOptions {
  accounts: readonly Account[];
  tls: { cert: string; key: string };
  open(account: Account): Promise<Session>;
}

/** Clients take turns: none may keep the others waiting for longer. */
const longestMs = 30_000;

/** What stands between clients and the database: TLS, which is required, and logins by SCRAM-SHA-256. */
export function createFront({ accounts, tls, open }: FrontOptions): Server {
  const context = createSecureContext(tls);
  return createServer((socket) => {
    const limit = setTimeout(() => socket.destroy(), longestMs);
    // A client that goes away in the middle harms nobody else.
    socket.on('error', () => undefined);
    serve(socket, context, accounts, open)
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(limit);
        socket.destroy();
      });
  });
}

async function serve(
  socket: Socket,
  context: SecureContext,
  accounts: readonly Account[],
  open: FrontOptions['open'],
): Promise<void> {
  const [first] = (await once(socket, 'data')) as [Buffer];
  if (!first.equals(tlsRequest)) {
    return await end(socket, errorMessage('28000', 'no encryption: only connections with TLS are allowed'));
  }
  socket.write('S');
  const secured = new TLSSocket(socket, { isServer: true, secureContext: context });
  secured.on('error', () => socket.destroy());
  const reader = new PostgresqlReader(secured);
  const login = await logIn(secured, reader, accounts);
  if ('refused' in login) return await end(secured, errorMessage(...login.refused));
  const session = await open(login.account);
  try {
    secured.write(welcome());
    for (;;) {
      const { type, frame } = await reader.message();
      if (type === 'X') return;
      secured.write(await session.answer(frame));
    }
  } finally {
    await session.close();
  }
}

type Login = { account: Account } | { refused: [code: string, message: string] };

async function logIn(
  stream: TLSSocket,
  reader: PostgresqlReader,
  accounts: readonly Account[],
): Promise<Login> {
  const { version, parameters } = await reader.startup();
  if (version !== protocolVersion) return { refused: ['0A000', 'only protocol 3.0 is spoken here'] };
  const user = parameters['user'] ?? '';
  const database = parameters['database'] ?? user;
  const account = accounts.find((each) => each.user === user);
  stream.write(message('R', int32(10), cString('SCRAM-SHA-256'), cString('')));
  const initial = await reader.password();
  // Who is not known fails like one with a wrong password.
  const password = account?.password ?? randomBytes(16).toString('hex');
  const chance = { nonce: randomBytes(18).toString('base64'), salt: randomBytes(16) };
  const scram = answerScram(password, afterMechanism(initial), chance);
  if (!scram) return { refused: ['08P01', 'the first message of SCRAM cannot be read'] };
  stream.write(message('R', int32(11), Buffer.from(scram.first)));
  const proof = scram.finish(await reader.password());
  if (!account || proof === undefined)
    return { refused: ['28P01', `password authentication failed for user "${user}"`] };
  if (database !== 'postgres') return { refused: ['3D000', `database "${database}" does not exist`] };
  stream.write(Buffer.concat([message('R', int32(12), Buffer.from(proof)), message('R', int32(0))]));
  return { account };
}

/** A first SCRAM message stands after the name of the mechanism and its own length. */
function afterMechanism(text: string): string {
  return text.slice(text.indexOf('\0') + 5);
}

function welcome(): Buffer {
  return Buffer.concat([
    message('S', cString('client_encoding'), cString('UTF8')),
    message('K', int32(process.pid), int32(0)),
    message('Z', Buffer.from('I')),
  ]);
}

async function end(stream: Socket, last: Buffer): Promise<void> {
  stream.end(last);
  await once(stream, 'finish');
}
