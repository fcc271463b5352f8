/**
 * One candidate's client, in a process of its own: the code of undici is compiled for those who call it, and what one candidate calls it
 * with would slow the others. `node client.js engine|bare PORT…`; answers an order with a measurement.
 */
import { BareClient } from './bare-client.ts';
import { throughEngine } from './engine-client.ts';
import type { Measured } from './measured.ts';

export interface Order {
  /** Requests at once. */
  readonly inFlight: number;
  readonly seconds: number;
}

const [name, ...words] = process.argv.slice(2);
const http1 = words.map(Number);
const bare = name === 'bare' ? new BareClient(http1) : null;

function measure({ inFlight, seconds }: Order): Promise<Measured> {
  return bare === null ? throughEngine({ http1, http2: http1.map(() => 0) }, inFlight, seconds) : bare.measure(inFlight, seconds);
}

process.on('message', async (order: Order) => process.send?.(await measure(order)));
process.on('disconnect', () => process.exit());
