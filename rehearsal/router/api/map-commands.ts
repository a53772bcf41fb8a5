import type { RuntimeMap } from '../map-file.js';
import { line, type Command, type Runtime } from './command.js';

const unknownMap = line('Unknown map identifier. Please use #<id> or <file>.');

function withMap(name: string, { map }: Runtime, then: (map: RuntimeMap) => string): string {
  return map.isCalled(name) ? then(map) : unknownMap;
}

/** `add map` takes its key and value, or nothing else. */
const addNeeds = line(
  "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload",
);

export const mapCommands: Command[] = [
  {
    name: 'show map',
    usage: '[map]',
    run: ([name], runtime) => {
      const { map } = runtime;
      if (name === undefined) {
        const use = `pattern loaded from file '${map.file}' used by map at the frontend`;
        return (
          line('# id (file) description') +
          line(`${map.id} (${map.file}) ${use}. curr_ver=0 next_ver=0 entry_cnt=${map.entries.length}`)
        );
      }
      return withMap(name, runtime, ({ entries }) =>
        entries.map(({ ref, key, value }) => line(`${ref} ${key} ${value}`)).join(''),
      );
    },
  },
  {
    name: 'get map',
    usage: '<map> <key>',
    run: ([name, key], runtime) => {
      if (name === undefined || key === undefined) return line('Missing map identifier and/or key.');
      return withMap(name, runtime, (map) => {
        const value = map.lookUp(key);
        const found =
          value === undefined
            ? 'found=no'
            : `found=yes, idx=tree, key="${key}", value="${value}", type="str"`;
        return line(`type=str, case=sensitive, ${found}`);
      });
    },
  },
  {
    name: 'set map',
    usage: '<map> [<key>|#<ref>] <value>',
    run: ([name, key, value], runtime) => {
      if (name === undefined || key === undefined || value === undefined) {
        return line("'set map' expects three parameters: map identifier, key and value.");
      }
      return withMap(name, runtime, (map) => {
        const entries = map.select(key);
        if (entries.length === 0)
          return line(key.startsWith('#') ? 'key or pattern not found.' : 'entry not found.');
        for (const entry of entries) entry.value = value;
        return '';
      });
    },
  },
  {
    name: 'add map',
    usage: '<map> <key> <value>',
    run: ([name, key, value], runtime) => {
      if (name === undefined || key === undefined || value === undefined) return addNeeds;
      return withMap(name, runtime, (map) => {
        map.add(key, value);
        return '';
      });
    },
  },
  {
    name: 'del map',
    usage: '<map> [<key>|#<ref>]',
    run: ([name, key], runtime) => {
      if (name === undefined || key === undefined) {
        return line('This command expects two parameters: map identifier and key.');
      }
      return withMap(name, runtime, (map) => {
        const entries = map.select(key);
        if (entries.length === 0) return line('Key not found.');
        map.remove(entries);
        return '';
      });
    },
  },
  {
    name: 'clear map',
    usage: '<map>',
    run: ([name], runtime) => {
      if (name === undefined) return line('Missing map identifier.');
      return withMap(name, runtime, (map) => {
        map.remove(map.entries);
        return '';
      });
    },
  },
];
