import { Buffer } from 'node:buffer';

/** One field of a form; with a file name it is sent as a file. */
export interface FormPart {
  name: string;
  content: string | Uint8Array;
  filename?: string;
  type?: string;
}

/**
 * A multipart/form-data body (RFC 7578) and its content type; the boundary is one that stands in no part. The built-in
 * FormData cannot say what suites say: it makes a text with a type into a file named "blob", writes types in lower
 * case, and turns each line end of a text into CRLF.
 */
export function multipartBody(parts: readonly FormPart[]): { body: Uint8Array; type: string } {
  const contents = parts.map(({ content }) => Buffer.from(content as Uint8Array));
  const boundary = freeBoundary(contents);
  const chunks = parts.flatMap((part, index) => [
    Buffer.from(`--${boundary}\r\n${headersOf(part)}\r\n\r\n`),
    contents[index]!,
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function freeBoundary(contents: readonly Buffer[]): string {
  for (let number = 0; ; number++) {
    const boundary = `devops-actions-${number}`;
    if (!contents.some((content) => content.includes(boundary))) return boundary;
  }
}

function headersOf({ name, filename, type }: FormPart): string {
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`;
  const contentType = type ?? (filename === undefined ? undefined : 'application/octet-stream');
  const lines = [`content-disposition: form-data; name="${quoted(name)}"${file}`];
  if (contentType !== undefined) lines.push(`content-type: ${contentType.replace(/[\r\n]+/g, ' ')}`);
  return lines.join('\r\n');
}

/** As browsers write it (HTML, multipart form data): what would end the value or the line is percent-encoded. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
