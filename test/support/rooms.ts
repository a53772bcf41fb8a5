import type { Imports } from './imports.js';

/**
 * Which room may import which. A room is a folder with all below it, or one file; the longest name that fits is a
 * file's room, and a star stands for any one folder. A room may import itself and the rooms that its row names, which
 * stand above it: so no arrow can lead back. `shared/**` names all of shared.
 */
export type Rooms = readonly (readonly [room: string, ...mayImport: string[]])[];

/**
 * Everything of some imports that a table of rooms does not allow, and what is wrong in the table itself; a sentence
 * each.
 */
export function againstRooms(rooms: Rooms, files: Imports['files']): string[] {
  const wrong = wrongInTable(rooms);
  for (const [file, targets] of files) {
    const from = roomOf(rooms, file);
    if (!from) wrong.push(`${file} is in no room: add its folder to the table of rooms`);
    for (const target of targets) {
      const to = roomOf(rooms, target);
      if (!from || !to || to.place === from.place) continue;
      if (to.row >= from.row || !from.mayImport.some((entry) => names(entry, to.room)))
        wrong.push(`${file} imports ${target}: ${from.place} may not import ${to.place}`);
    }
  }
  return wrong;
}

const wrongInTable = (rooms: Rooms): string[] =>
  rooms.flatMap(([room, ...mayImport], row) =>
    mayImport
      .filter((entry) => !rooms.slice(0, row).some(([above]) => names(entry, above)))
      .map((entry) => `The table lets ${room} import ${entry}, which does not stand above it`),
  );

const names = (entry: string, room: string) =>
  entry.endsWith('/**') ? room.startsWith(entry.slice(0, -2)) : entry === room;

interface Room {
  room: string;
  /** The room with its star filled in: two folders under one star are two rooms. */
  place: string;
  mayImport: readonly string[];
  row: number;
}

function roomOf(rooms: Rooms, file: string): Room | undefined {
  const parts = file.split('/');
  const fits = rooms.flatMap(([room, ...mayImport], row) => {
    const pattern = room.split('/');
    const depth = pattern.length;
    const fit =
      (room.endsWith('*') ? depth < parts.length : depth <= parts.length) &&
      pattern.every((name, at) => name === '*' || name === parts[at]);
    return fit ? [{ room, place: parts.slice(0, depth).join('/'), mayImport, row }] : [];
  });
  return fits.sort((a, b) => rank(b.room) - rank(a.room))[0];
}

/** Longer names first; of two as long, the one without a star. */
const rank = (room: string) => 2 * room.split('/').length - (room.includes('*') ? 1 : 0);
