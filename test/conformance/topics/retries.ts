/** Retries, budgets, backoff, hedging, timeouts and the classes of answers. */
import type { Topics } from '../topic.ts';
import { budgets } from './budgets.ts';
import { envoyRetries } from './envoy-retries.ts';
import { linkerdRetries } from './linkerd-retries.ts';
import { routerOutcomes } from './router-outcomes.ts';

export const retries: Topics = { ...envoyRetries, ...linkerdRetries, ...budgets, ...routerOutcomes };
