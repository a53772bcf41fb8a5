import type { Channel } from './channel.js';
import { pagerduty } from './channels/pagerduty.js';
import { slack } from './channels/slack.js';
import { teams } from './channels/teams.js';
import { webhook } from './channels/webhook.js';

/** Every channel, in the order they are reported. */
export const channels: readonly Channel[] = [slack, teams, pagerduty, webhook];
