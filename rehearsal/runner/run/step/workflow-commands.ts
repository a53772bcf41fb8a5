/** A workflow command found in a line of output. */
export interface WorkflowCommand {
  /** Lower case. */
  name: string;
  properties: Record<string, string>;
  data: string;
}

const dataEscapes: [RegExp, string][] = [
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%25/g, '%'],
];
const propertyEscapes: [RegExp, string][] = [
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%3A/g, ':'],
  [/%2C/g, ','],
  [/%25/g, '%'],
];
const bracketEscapes: [RegExp, string][] = [
  [/%3B/g, ';'],
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%5D/g, ']'],
  [/%25/g, '%'],
];

const unescape = (value: string, escapes: readonly [RegExp, string][]) =>
  escapes.reduce((text, [escaped, plain]) => text.replace(escaped, plain), value);

function build(
  head: string,
  data: string,
  separator: string,
  escapes: { property: readonly [RegExp, string][]; data: readonly [RegExp, string][] },
): WorkflowCommand {
  const space = head.indexOf(' ');
  const properties: Record<string, string> = {};
  for (const pair of space < 0
    ? []
    : head
        .slice(space + 1)
        .trim()
        .split(separator)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && equals < pair.length - 1) {
      properties[pair.slice(0, equals).toLowerCase()] = unescape(pair.slice(equals + 1), escapes.property);
    }
  }
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  return { name, properties, data: unescape(data, escapes.data) };
}

/**
 * Reads `::name key=value,…::data` at the start of a line, or `##[name key=value;…]data` anywhere in it.
 * Names outside `known` are ordinary text.
 */
export function parseCommand(line: string, known: (name: string) => boolean): WorkflowCommand | undefined {
  const trimmed = line.trimStart();
  if (trimmed.startsWith('::')) {
    const end = trimmed.indexOf('::', 2);
    if (end > 0) {
      const escapes = { property: propertyEscapes, data: dataEscapes };
      const command = build(trimmed.slice(2, end), trimmed.slice(end + 2), ',', escapes);
      if (known(command.name)) return command;
    }
  }
  const open = line.indexOf('##[');
  const close = open < 0 ? -1 : line.indexOf(']', open);
  if (close < 0) return undefined;
  const escapes = { property: bracketEscapes, data: bracketEscapes };
  const command = build(line.slice(open + 3, close), line.slice(close + 1), ';', escapes);
  return known(command.name) ? command : undefined;
}
