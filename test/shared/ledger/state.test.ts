import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { GitHubError } from '../../../shared/github/problem.js';
import { githubRefStore, type RefStore } from '../../../shared/ledger/refs/refs.js';
import {
  LostStateError,
  stateFile,
  UnreadableStateError,
  type StateFile,
} from '../../../shared/ledger/refs/state.js';
import { ledgerStage, type LedgerStage } from './stage.js';

const schema = z.strictObject({ schema: z.literal('test@1'), step: z.int(), who: z.string() });
type State = z.output<typeof schema>;
const state = (step: number, who = 'a'): State => ({ schema: 'test@1', step, who });

let shop: LedgerStage;
let store: RefStore;
let file: StateFile<State>;
let count = 0;

beforeAll(async () => {
  shop = await ledgerStage();
  store = githubRefStore(shop.github);
});
beforeEach(() => {
  shop.server.control.clearFaults();
  file = stateFile(store, schema, 'production', `shop ${++count}`, 'lock');
});
afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const inGit = () => shop.git('show', `${file.ref}:state.json`);
const exists = () => shop.git('for-each-ref', file.ref) !== '';

describe('a state', () => {
  it('that nobody wrote is undefined', async () => expect(await file.read()).toBeUndefined());

  it('is created once; who comes second gets nothing and changes nothing', async () => {
    const first = await file.create(state(1), 'take it');
    expect(await file.read()).toEqual(first);
    expect(await file.create(state(1, 'b'), 'take it too')).toBeUndefined();
    expect((await file.read())?.state.who).toBe('a');
  });

  it('is replaced on top of itself, so that its commits are its history', async () => {
    const first = await file.create(state(1), 'take it');
    const second = await file.replace(first!, state(2), 'go on');
    expect(await file.read()).toEqual(second);
    expect(shop.git('log', '--format=%s', file.ref).split('\n')).toEqual(['go on', 'take it']);
  });

  it('that changed meanwhile is not replaced and not removed: its holder has lost it', async () => {
    const mine = (await file.create(state(1), 'take it'))!;
    const theirs = await stateFile(
      githubRefStore(shop.github),
      schema,
      'production',
      `shop ${count}`,
      'lock',
    ).replace(mine, state(9, 'b'), 'over');
    await expect(file.replace(mine, state(2), 'go on')).rejects.toThrow(LostStateError);
    await expect(file.remove(mine)).rejects.toThrow(theirs.oid);
    expect((await file.read())?.state).toEqual(state(9, 'b'));
  });

  it('that vanished is not written again by its holder', async () => {
    const mine = (await file.create(state(1), 'take it'))!;
    shop.git('update-ref', '-d', file.ref);
    await expect(file.replace(mine, state(2), 'go on')).rejects.toThrow(
      /is now gone: someone else took over/,
    );
    expect(exists()).toBe(false);
  });

  it('is removed, and removing it again is no error', async () => {
    const mine = (await file.create(state(1), 'take it'))!;
    await file.remove(mine);
    expect(exists()).toBe(false);
    await file.remove(mine);
  });

  it('that does not fit its schema is never written', async () => {
    await expect(file.create({ ...state(1), step: 1.5 }, 'odd')).rejects.toThrow('step');
    expect(exists()).toBe(false);
  });

  it.each([
    ['is not JSON', 'step: 1', 'it is not JSON'],
    ['is of another version', JSON.stringify({ ...state(1), schema: 'test@2' }), 'schema'],
    ['has a key too many', JSON.stringify({ ...state(1), force: true }), 'force'],
    ['is empty', '', 'it is not JSON'],
  ])('that %s blocks, and says how to look at it and how to remove it', async (_, text, why) => {
    await store.write(file.ref, undefined, text, 'by hand');
    const error = await file.read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreadableStateError);
    const { message } = error as Error;
    expect(message).toContain(why);
    expect(message).toContain(`git fetch origin ${file.ref} && git show FETCH_HEAD:state.json`);
    expect(message).toContain(`git push origin :${file.ref}`);
    expect(await file.create(state(1), 'take it')).toBeUndefined();
  });

  it('in a ref that points to something else blocks too', async () => {
    shop.git('update-ref', file.ref, shop.sha);
    await expect(file.read()).rejects.toThrow(UnreadableStateError);
    expect(await file.create(state(1), 'take it')).toBeUndefined();
  });
});

describe('an update whose answer is lost', () => {
  const drop = (after: boolean, times = 1) =>
    shop.server.control.addFault({ graphql: 'updateRefs', after, times });

  it('was done when the ref says so: creating, replacing and removing succeed', async () => {
    drop(true);
    const first = (await file.create(state(1), 'take it'))!;
    expect(first.state.step).toBe(1);
    drop(true);
    const second = await file.replace(first, state(2), 'go on');
    expect(JSON.parse(inGit())).toEqual(state(2));
    drop(true);
    await file.remove(second);
    expect(exists()).toBe(false);
  });

  it('was not done when the ref says so: it is made again', async () => {
    drop(false);
    const first = (await file.create(state(1), 'take it'))!;
    drop(false, 2);
    const second = await file.replace(first, state(2), 'go on');
    expect(JSON.parse(inGit())).toEqual(state(2));
    drop(false);
    await file.remove(second);
    expect(exists()).toBe(false);
  });

  it('was not done, three times: the error is told, and nothing is claimed', async () => {
    drop(false, 3);
    await expect(file.create(state(1), 'take it')).rejects.toThrow('could not be reached');
    expect(exists()).toBe(false);
    const first = (await file.create(state(1), 'take it'))!;
    drop(false, 3);
    await expect(file.replace(first, state(2), 'go on')).rejects.toThrow('could not be reached');
    drop(false, 3);
    await expect(file.remove(first)).rejects.toThrow('could not be reached');
    expect(JSON.parse(inGit())).toEqual(state(1));
  });

  it('and after which someone else went on is lost, not won', async () => {
    const first = (await file.create(state(1), 'take it'))!;
    const other = stateFile(githubRefStore(shop.github), schema, 'production', `shop ${count}`, 'lock');
    await other.replace(first, state(5, 'b'), 'over');
    drop(true);
    await expect(file.replace(first, state(2), 'go on')).rejects.toThrow(LostStateError);
    expect(JSON.parse(inGit())).toEqual(state(5, 'b'));
  });

  it('for want of a permission names it as the cause', async () => {
    const reader = githubRefStore(await shop.as('github-actions[bot]', { contents: 'read' }));
    await expect(
      stateFile(reader, schema, 'production', `shop ${count}`, 'lock').create(state(1), 'x'),
    ).rejects.toThrow('contents: write');
    expect(exists()).toBe(false);
  });
});

describe('a race', () => {
  it('of 20 to create a state is won by exactly one, and the state is the winner’s', async () => {
    const runners = await Promise.all(Array.from({ length: 20 }, () => shop.as('github-actions[bot]')));
    const results = await Promise.all(
      runners.map((github, i) =>
        stateFile(githubRefStore(github), schema, 'production', `shop ${count}`, 'lock').create(
          state(1, `r${i}`),
          `by ${i}`,
        ),
      ),
    );
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toHaveLength(1);
    expect(await file.read()).toEqual(winners[0]);
  });

  it('of 10 to replace a state is won by exactly one, and the others know that they lost', async () => {
    const first = (await file.create(state(0), 'take it'))!;
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => file.replace(first, state(i, `r${i}`), `by ${i}`)),
    );
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(9);
    for (const { reason } of lost) expect(reason).toBeInstanceOf(LostStateError);
    expect(shop.git('rev-list', '--count', file.ref)).toBe('2');
  });
});

describe('a state that updateRefs does not create', () => {
  const refusing = (answer = new GitHubError('Something went wrong', 422)): RefStore => {
    const graphql: typeof shop.github.graphql = (document, variables) =>
      document.includes('updateRefs') ? Promise.reject(answer) : shop.github.graphql(document, variables);
    return githubRefStore({ ...shop.github, graphql });
  };
  const by = (other: RefStore) => stateFile(other, schema, 'production', `shop ${count}`, 'lock');

  it('is created all the same, once: of twenty who try, one has it', async () => {
    const tries = Array.from({ length: 20 }, (_, i) => by(refusing()).create(state(i), 'take it'));
    const won = (await Promise.all(tries)).filter((held) => held !== undefined);
    expect(won).toHaveLength(1);
    expect(await file.read()).toEqual(won[0]);
  });

  it('is ours when the answer of REST is lost after it was done', async () => {
    shop.server.control.addFault({ method: 'POST', path: '/git/refs$', status: 502, after: true, times: 9 });
    expect((await by(refusing()).create(state(1), 'take it'))?.state).toEqual(state(1));
    expect((await file.read())?.state).toEqual(state(1));
  });

  it('is not said to be refused where REST was cut off, and nobody knows', async () => {
    shop.server.control.addFault({ method: 'POST', path: '/git/refs$', status: 502, times: 9 });
    await expect(by(refusing()).create(state(1), 'take it')).rejects.toThrow('502');
    expect(exists()).toBe(false);
  });

  it('is refused in the words of updateRefs where REST refuses it too', async () => {
    shop.server.control.addFault({ method: 'POST', path: '/git/refs$', status: 422, times: 9 });
    await expect(by(refusing()).create(state(1), 'take it')).rejects.toThrow('Something went wrong');
    expect(exists()).toBe(false);
  });

  it('is not replaced or removed by other means, which would be no compare-and-swap', async () => {
    const held = (await file.create(state(1), 'take it'))!;
    await expect(by(refusing()).replace(held, state(2), 'go on')).rejects.toThrow('Something went wrong');
    await expect(by(refusing()).remove(held)).rejects.toThrow('Something went wrong');
    expect((await file.read())?.state.step).toBe(1);
  });

  it('is not tried again by REST where GitHub is down or the token may not', async () => {
    for (const status of [403, 502, 0]) {
      const answer = new GitHubError(`Answer ${status}`, status);
      await expect(by(refusing(answer)).create(state(1), 'take it')).rejects.toThrow(`Answer ${status}`);
    }
    expect(exists()).toBe(false);
  });
});
