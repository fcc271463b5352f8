/** A client that decides nothing: undici's `dispatch`, the endpoints in turn. */
import { type Dispatcher, Pool } from 'undici';
import { NS_PER_MS } from '../../../src/model/units.ts';
import { Histogram } from '../../../src/stats/histogram.ts';
import { type Measured, measuredOf } from './measured.ts';

/** As `src/real/connections.ts` has them: with undici's own, idle sockets are dropped after four seconds. */
const FOR_EVER_MS = 2 ** 30;
const OPTIONS: Pool.Options = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: FOR_EVER_MS, keepAliveMaxTimeout: FOR_EVER_MS };
const WARM_UP = 500;

export class BareClient {
  private readonly pools: readonly Pool[];
  private next: number = 0;

  constructor(ports: readonly number[]) {
    this.pools = ports.map((port) => new Pool(`http://127.0.0.1:${port}`, OPTIONS));
  }

  async measure(inFlight: number, seconds: number): Promise<Measured> {
    await this.run(inFlight, (done) => done < WARM_UP);
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const latency = await this.run(inFlight, () => performance.now() - startedAt < seconds * 1000);
    return measuredOf(latency, (performance.now() - startedAt) / 1000, process.cpuUsage(cpu));
  }

  private async run(inFlight: number, mayGoOn: (done: number) => boolean): Promise<Histogram> {
    const latency = new Histogram();
    await Promise.all(
      Array.from({ length: inFlight }, () => new Promise<void>((resolve, reject) => {
        const ask = (): void => {
          if (!mayGoOn(latency.count)) {
            resolve();
            return;
          }
          const pool = this.pools[(this.next = (this.next + 1) % this.pools.length)]!;
          pool.dispatch({ method: 'GET', path: '/' }, new Request(latency, ask, reject));
        };
        ask();
      })),
    );
    return latency;
  }
}

/** The old interface of handlers: the one that undici works with, others are wrapped in it. */
class Request implements Dispatcher.DispatchHandler {
  private readonly sentAt: number = performance.now();
  private readonly latency: Histogram;
  private readonly ask: () => void;
  private readonly reject: (cause: Error) => void;
  private status: number = 0;

  constructor(latency: Histogram, ask: () => void, reject: (cause: Error) => void) {
    this.latency = latency;
    this.ask = ask;
    this.reject = reject;
  }

  onConnect(): void {
    // Nothing to give up.
  }

  onHeaders(status: number): boolean {
    this.status = status;
    return true;
  }

  onData(): boolean {
    return true;
  }

  onComplete(): void {
    if (this.status !== 200) {
      this.reject(new Error(`status ${this.status}`));
      return;
    }
    this.latency.record((performance.now() - this.sentAt) * NS_PER_MS);
    this.ask();
  }

  onError(cause: Error): void {
    this.reject(cause);
  }
}
