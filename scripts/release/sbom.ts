/** What the bundles are made of, as CycloneDX. */
import { execFileSync } from 'node:child_process';

interface Sbom {
  serialNumber?: string;
  metadata?: { timestamp?: string };
}

/** The dependencies that are bundled. The same sources give the same text, so that a release can be made again. */
export function sbomOf(folder: string): string {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const sbom = JSON.parse(text) as Sbom;
  delete sbom.serialNumber;
  delete sbom.metadata?.timestamp;
  return `${JSON.stringify(sbom, null, 2)}\n`;
}
