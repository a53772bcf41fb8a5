import type { NodeConfig } from './config.js';
import { localTransport } from './local.js';
import type { Machine } from './machine.js';
import { sshTransport } from './ssh.js';

/** How routers reach the machines of their nodes; tests pass their own. */
export type OpenMachine = (node: NodeConfig) => Machine;

/**
 * Reaches a node's machine as its section says; relative paths are meant from `workspace`. Nothing is connected yet.
 */
export function openTransport(node: NodeConfig, workspace = '.'): Machine {
  return node.ssh ? sshTransport(node.name, node.ssh, workspace) : localTransport(node.name);
}
