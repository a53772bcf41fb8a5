#!/usr/bin/env node
import { runCommandLine } from '../suite/index.js';
await runCommandLine();
