import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import { multipartBody } from '../../../../actions/smoke-test/request/multipart.js';

const textOf = (...parts: Parameters<typeof multipartBody>[0]) =>
  Buffer.from(multipartBody(parts).body).toString();

describe('a part', () => {
  test('with a type and no file name is a field of that type, written as it was given', () => {
    const body = textOf({ name: 'order', content: '{"sku":"mug"}', type: 'application/json; charset=UTF-8' });
    expect(body).toContain(
      '\r\ncontent-disposition: form-data; name="order"\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{"sku":"mug"}\r\n',
    );
    expect(body).not.toContain('filename');
  });

  test('keeps the line ends of its text', () => {
    expect(textOf({ name: 'note', content: 'a\nb\r\nc\rd' })).toContain('\r\n\r\na\nb\r\nc\rd\r\n--');
  });

  test('cannot end its own headers, and keeps letters beyond ASCII as UTF-8', () => {
    const body = textOf({ name: 'a"\r\nb', content: '', filename: 'ü😀".png', type: 'image/png\r\nx: y' });
    expect(body).toContain(
      'form-data; name="a%22%0D%0Ab"; filename="ü😀%22.png"\r\ncontent-type: image/png x: y\r\n',
    );
  });
});
