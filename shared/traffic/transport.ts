/** How the suite reaches a node's machine: its files and commands. Router code never knows whether it is here or behind ssh. */
export interface Transport {
  /** The node's file as text, or undefined when there is none; throws RouterError when it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  /** Puts text in place of a file atomically: written beside it, flushed, renamed over it; keeps the mode of an existing one. Throws RouterError. */
  replaceFile(path: string, text: string): Promise<void>;
  /** Runs an argument vector on the node's machine; throws RouterError when it cannot be started or takes too long. */
  run(
    argv: readonly [string, ...string[]],
    timeoutMs: number,
  ): Promise<{ code: number; stdout: string; stderr: string }>;
}
