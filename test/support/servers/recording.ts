import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from './certificates.js';
import { serve, type TestServer } from './http.js';

/** One request as it came, with its whole body. */
export interface Asked {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export type Answer = (asked: Asked, response: ServerResponse) => void;

/** A server that keeps what it is asked; `answer` can be replaced, and is an empty JSON object by default. */
export interface RecordingServer extends TestServer {
  asked: Asked[];
  answer: Answer;
  reset(): void;
}

/** Serves and records requests on 127.0.0.1 at a free port. */
export async function serveRecording(identity?: Identity): Promise<RecordingServer> {
  const plain: Answer = (_, response) => void response.end('{}');
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks) };
      recording.asked.push(asked);
      recording.answer(asked, response);
    });
  }, identity);
  const recording: RecordingServer = {
    ...server,
    asked: [],
    answer: plain,
    reset() {
      recording.asked = [];
      recording.answer = plain;
    },
  };
  return recording;
}
