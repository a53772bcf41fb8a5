import type { MarkupNode } from './markup-tree.js';

/** What an expression came to: a list of nodes has `toArray`, one value has not. */
export interface XPathValue {
  stringValue(): string;
  toArray?(): MarkupNode[];
}

/** An expression that can be evaluated for any document. */
export interface XPathExpression {
  evaluate(options: {
    node: MarkupNode;
    namespaces: Readonly<Record<string, string>>;
    isHtml: boolean;
  }): XPathValue;
}

type Class = abstract new (...args: never[]) => object;

/** The part of xpath 0.0.34 that is used; its own types have little of it. */
export interface XPathLibrary {
  parse(source: string): XPathExpression & { expression: { expression: unknown } };
  XString: new (text: string) => XPathValue;
  FunctionCall: Class;
  PlusOperation: Class;
  MinusOperation: Class;
  MultiplyOperation: Class;
  DivOperation: Class;
  ModOperation: Class;
  UnaryMinusOperation: Class;
}

/** A part of a parsed expression. */
interface Part {
  evaluate(context: unknown): XPathValue;
}

/** Functions that take numbers, and the first of their arguments that is one. */
const numeric = new Map([
  ['number', 0],
  ['floor', 0],
  ['ceiling', 0],
  ['round', 0],
  ['substring', 1],
]);

/**
 * Parses an XPath 1.0 expression; throws where it is invalid. As a number the library takes nodes without text, or no
 * node, for 0, and "1e3" for 1000; XPath has NaN for all of them. So every list of nodes that is wanted as a number is
 * handed over as its text, which the library converts right.
 */
export function parseXPath(library: XPathLibrary, source: string): XPathExpression {
  const parsed = library.parse(source);
  const operations = [
    library.PlusOperation,
    library.MinusOperation,
    library.MultiplyOperation,
    library.DivOperation,
    library.ModOperation,
    library.UnaryMinusOperation,
  ];
  const asText = (part: Part): Part => ({
    evaluate(context) {
      const value = part.evaluate(context);
      return value.toArray ? new library.XString(value.stringValue()) : value;
    },
  });
  const convert = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    Object.values(part).forEach(convert);
    if (part instanceof library.FunctionCall) {
      const call = part as { functionName: string; arguments: Part[] };
      const first = numeric.get(call.functionName) ?? Infinity;
      call.arguments = call.arguments.map((one, index) => (index < first ? one : asText(one)));
    } else if (operations.some((operation) => part instanceof operation)) {
      const operands = part as { lhs?: Part; rhs: Part };
      if (operands.lhs) operands.lhs = asText(operands.lhs);
      operands.rhs = asText(operands.rhs);
    }
  };
  convert(parsed.expression.expression);
  return parsed;
}
