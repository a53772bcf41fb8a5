import { structuredPatch } from 'diff';
import { wholeText, type Step } from './plan.js';

/** A place where a file is not what this version of init writes. */
export interface Drift {
  path: string;
  /** Line in the file as it is; undefined where there is none. */
  line?: number;
  what: string;
  /** What init writes there, and what stands there; lines. */
  init: readonly string[];
  file: readonly string[];
}

/** Most places of one file that are shown one by one. */
const mostPlaces = 20;

/** Where files are not what this version writes; what a team made its own is left out. */
export function driftOf(steps: readonly Step[]): Drift[] {
  return steps.flatMap((step): Drift[] => {
    const { path, is, before, seed } = step;
    if (is === 'same' || (is === 'edited' && seed)) return [];
    if (before === undefined) return [{ path, what: 'it is not there', init: [], file: [] }];
    if (is === 'new') return [{ path, what: 'the part that init writes is not there', init: [], file: [] }];
    const wanted = wholeText(step);
    if (wanted === before) return [{ path, what: 'it cannot be executed', init: [], file: [] }];
    const what = is === 'update' ? 'this version of init writes it otherwise' : 'somebody changed it';
    return placesOf(before, wanted).map((place) => ({ path, what, ...place }));
  });
}

function placesOf(before: string, wanted: string): Pick<Drift, 'line' | 'init' | 'file'>[] {
  const { hunks } = structuredPatch('', '', before, wanted, '', '', { context: 0 });
  const places = hunks.map(({ oldStart, oldLines, lines }) => ({
    // Where lines are missing altogether, a hunk names the line before.
    line: oldLines === 0 ? oldStart + 1 : oldStart,
    file: lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1)),
    init: lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1)),
  }));
  const [first] = places.slice(mostPlaces);
  if (!first) return places;
  const more = places.length - mostPlaces;
  return [
    ...places.slice(0, mostPlaces),
    { line: first.line, file: [`… and ${more} more places`], init: [] },
  ];
}

/** A place for people: where, and both texts, each cut after some lines. */
export function describeDrift({ path, line, what, init, file }: Drift): string {
  const shown = (lines: readonly string[], name: string) =>
    [...lines.slice(0, 5), ...(lines.length > 5 ? ['…'] : [])].map(
      (text, index) => `      ${index === 0 ? name : '     '} ${text}`,
    );
  return [
    `  ${path}${line === undefined ? '' : `:${line}`} — ${what}`,
    ...shown(file, 'file:'),
    ...shown(init, 'init:'),
  ].join('\n');
}
