import { SaxesParser } from 'saxes';

/** An element of an XML document. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Element[];
  text: string;
}

/** Deeper than any report of tests. */
const maxDepth = 64;

/** The root element; a text says why it cannot be read. Entities that a document defines itself are not expanded. */
export function parseXml(source: string): Element | string {
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const stack = [top];
  const parser = new SaxesParser();
  const add = (data: string) => void (stack.at(-1)!.text += data);
  parser.on('error', (error) => {
    throw new NotRead(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: '',
    };
    stack.at(-1)!.children.push(element);
    if (stack.push(element) > maxDepth) throw new NotRead(`more than ${maxDepth} elements within each other`);
  });
  parser.on('closetag', () => void stack.pop());
  parser.on('text', add);
  parser.on('cdata', add);
  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof NotRead) return error.message;
    throw error;
  }
  return top.children[0] ?? 'it is empty';
}

class NotRead extends Error {}
