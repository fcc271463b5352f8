/**
 * Looks at one endpoint every few requests, when nothing is happening anywhere: who waits there while a slot is free, and how many are
 * worked on. At the end an endpoint has no more requests than were sent to it and not answered.
 */
import { Condition, type Conditions } from '../fault/conditions.ts';
import type { Stations } from '../service/station.ts';
import { Check } from './invariant.ts';

export class WorkConserved extends Check {
  private next: number = 0;

  override lookAround(): void {
    const { inside } = this.audit;
    if (inside === null) return;
    this.next = (this.next + 1) % inside.stations.serviceOf.length;
    this.look(this.next, inside.stations, inside.conditions);
  }

  override over(): void {
    const { inside } = this.audit;
    if (inside === null) return;
    const { stations, conditions } = inside;
    const sent = this.audit.unansweredAt(stations.serviceOf.length);
    for (let endpoint = 0; endpoint < sent.length; endpoint++) {
      this.look(endpoint, stations, conditions);
      const there = stations.busyAt(endpoint) + stations.queuedAt(endpoint);
      if (there > sent[endpoint]!) this.broken(`${this.nameOf(endpoint)} has ${there} requests at the end, and ${sent[endpoint]} that were sent there are without an answer`);
    }
  }

  private look(endpoint: number, stations: Stations, { endpoints }: Conditions): void {
    const { concurrency, queue } = this.audit.plan.services[stations.serviceOf[endpoint]!]!;
    const { capacity, flags } = endpoints[endpoint]!;
    const busy = stations.busyAt(endpoint);
    const queued = stations.queuedAt(endpoint);
    // A paused process cannot refuse: what it has no room for waits in front of it.
    const isPaused = (flags & Condition.paused) !== 0;
    const slots = Math.ceil(concurrency * capacity - 1e-9);
    if (busy < 0 || busy > concurrency) this.broken(`${this.nameOf(endpoint)} works on ${busy} requests, with ${concurrency} slots`);
    if (queued < 0 || (queued > queue.limit && !isPaused)) this.broken(`${queued} requests wait at ${this.nameOf(endpoint)}, in a queue of ${queue.limit}`);
    if (queued > 0 && busy < slots && !isPaused) this.broken(`${queued} requests wait at ${this.nameOf(endpoint)} while ${busy} of ${slots} slots are in use`);
  }

  private nameOf(endpoint: number): string {
    const { firstEndpoint, name } = this.audit.plan.services.findLast((service) => service.firstEndpoint <= endpoint)!; // the first begins at 0
    return `${name}/${endpoint - firstEndpoint}`;
  }

  private broken(decision: string): void {
    this.audit.report('work-conserved', { decision });
  }
}
