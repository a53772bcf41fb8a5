/** What became of a file that was to be replaced: `changed` when it reads something else than was said. */
export type Replaced = 'replaced' | 'changed';

/**
 * How the suite reaches a node's machine: its files and commands. Router code never knows whether it is here or behind
 * ssh.
 */
export interface Transport {
  /** The node's file as text, or undefined when there is none; throws RouterError when it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  /**
   * Puts text in place of a file atomically: written beside it, flushed, renamed over it; keeps mode and owner of an
   * existing one, and a link stays one. With `was`, only where the file still reads so, under a lock that every run of
   * this suite respects. Throws RouterError.
   */
  replaceFile(path: string, text: string, was?: string): Promise<Replaced>;
  /** Runs an argument vector on the node's machine; throws RouterError when it cannot be started or takes too long. */
  run(
    argv: readonly [string, ...string[]],
    timeoutMs: number,
  ): Promise<{ code: number; stdout: string; stderr: string }>;
}
