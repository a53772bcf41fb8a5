import type { Benched } from '../row.js';
import { requestRows } from './requests.js';
import { scaleRows } from './scale-rows.js';

/** What a report asks of GitHub, and what it takes of the machine. */
export async function dora(): Promise<Benched> {
  const scale = await scaleRows();
  return {
    rows: [...(await requestRows()), ...scale],
    notes: [
      'requests: 200 deployments, 1,000 commits, 400 pull requests and 20 incidents, counted by the stand-in',
      'one of the 200 was live before the window; one record more is one request more, as GitHub gives 100 at a time',
      'memory: a whole process each, with the facts it made up',
    ],
  };
}
