import { example, startAccount } from './account.js';
import { playReleases } from './play.js';

playReleases(`${example}, as its page says`, startAccount);
