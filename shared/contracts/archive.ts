import { unzipSync } from 'fflate';

/** Largest text that is unpacked, in bytes. An archive that claims less than it holds is cut at its claim. */
const mostBytes = 20_000_000;

/** Texts of a ZIP archive whose names end so; undefined when it is none, or when one is too large. */
export function textsInArchive(
  zip: Uint8Array,
  ending: string,
): { name: string; text: string }[] | undefined {
  let tooLarge = false;
  try {
    const files = unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        if (!name.endsWith(ending)) return false;
        tooLarge ||= originalSize > mostBytes;
        return !tooLarge;
      },
    });
    if (tooLarge) return undefined;
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return Object.entries(files).map(([name, bytes]) => ({ name, text: decoder.decode(bytes) }));
  } catch {
    return undefined;
  }
}
