/** Faults switched by hand beside those of the file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Condition } from '../../src/fault/conditions.ts';
import { type ConditionListener, type Fault, FaultSchedule } from '../../src/fault/schedule.ts';
import type { FaultPlan, Plan } from '../../src/model/plan.ts';
import { planFrom } from '../support/plan-from.ts';

const S = 1e9;

function planWith(faults: readonly object[]): Plan {
  return planFrom({ duration: '60s', services: { cart: { replicas: 3, latency: '1ms', startup: '2s' } }, traffic: [{ to: 'cart', rate: '1/s', name: 'users' }], faults });
}

/** Carries out what is due, and notes what it hears. */
class Listener implements ConditionListener {
  readonly heard: string[] = [];

  endpointChanged(): void {}

  edgeChanged(): void {}

  faultSwitched(fault: string, on: boolean, now: number): void {
    this.heard.push(`${fault} ${on ? 'on' : 'off'} at ${now / S}`);
  }
}

function named({ faults }: FaultSchedule, name: string): Fault {
  return faults.find(({ plan }) => plan.name === name)!;
}

describe('a fault switched by hand', () => {
  test('is on from then until its time is over, and says so', () => {
    const schedule = new FaultSchedule(planWith([{ name: 'slow', at: '50s', target: 'cart/1', latency: { multiply: 3 } }]), 1);
    const listener = new Listener();
    const slow = named(schedule, 'slow');
    schedule.start(slow, 5 * S, 10 * S);
    expect(schedule.nextAt).toBe(10 * S);
    schedule.advance(10 * S, listener);
    expect([schedule.isOn(slow), schedule.changesAt(slow), schedule.conditions.endpoints[1]!.factor]).toEqual([true, 15 * S, 3]);
    schedule.advance(15 * S, listener);
    expect([schedule.isOn(slow), schedule.changesAt(slow)]).toEqual([false, 50 * S]);
    expect(listener.heard).toEqual(['slow on at 10', 'slow off at 15']);
    schedule.advance(50 * S, listener);
    expect([schedule.isOn(slow), listener.heard.length]).toEqual([true, 2]);
  });

  test('ends when it is stopped; what crashed starts up first, and is not kept from it by being stopped again', () => {
    const schedule = new FaultSchedule(planWith([{ name: 'gone', at: '50s', target: 'cart', crash: true }]), 1);
    const listener = new Listener();
    const gone = named(schedule, 'gone');
    schedule.start(gone, Infinity, 10 * S);
    schedule.advance(10 * S, listener);
    schedule.stop(gone, 20 * S);
    expect(schedule.nextAt).toBe(22 * S);
    schedule.stop(gone, 21 * S);
    expect(schedule.nextAt).toBe(22 * S);
    schedule.advance(22 * S, listener);
    expect(Array.from(schedule.conditions.endpointFlags)).toEqual([0, 0, 0]);
    expect(schedule.nextAt).toBe(50 * S);
  });

  test('a window of the file that is on can be stopped, and the next one comes', () => {
    const schedule = new FaultSchedule(planWith([{ name: 'flap', at: '10s', for: '5s', repeat: { every: '20s', times: 2 }, target: 'cart/0', hang: true }]), 1);
    const listener = new Listener();
    const flap = named(schedule, 'flap');
    schedule.advance(10 * S, listener);
    schedule.stop(flap, 12 * S);
    schedule.advance(12 * S, listener);
    expect(schedule.isOn(flap)).toBe(false);
    expect(schedule.nextAt).toBe(30 * S);
    schedule.advance(30 * S, listener);
    expect(schedule.isOn(flap)).toBe(true);
    schedule.advance(35 * S, listener);
    expect([schedule.isOn(flap), schedule.nextAt]).toEqual([false, Infinity]);
  });

  test('counts its first calls anew', () => {
    const schedule = new FaultSchedule(planWith([{ name: 'cold', at: '50s', target: 'cart', firstCalls: 3 }]), 1);
    const listener = new Listener();
    const cold = named(schedule, 'cold');
    const left = (): readonly number[] => schedule.conditions.endpoints.map(({ firstCalls }) => firstCalls.reduce((sum, one) => sum + one.left, 0));
    schedule.start(cold, Infinity, 0);
    schedule.advance(0, listener);
    schedule.conditions.endpoints[0]!.firstCalls[0]!.left = 0;
    expect(left()).toEqual([0, 0, 0]);
    schedule.stop(cold, 1);
    schedule.advance(1, listener);
    schedule.start(cold, Infinity, 2);
    schedule.advance(2, listener);
    expect(left()).toEqual([3, 3, 3]);
  });

  test('one that was added counts its times from then, and is forgotten when it is over or stopped', () => {
    const schedule = new FaultSchedule(planWith([]), 1);
    const listener = new Listener();
    const [added] = planWith([{ name: 'later', at: '5s', for: '5s', repeat: { every: '10s', times: 3 }, target: 'users->cart', partition: true }]).faults;
    const later = schedule.add(added!, 100 * S);
    expect(schedule.nextAt).toBe(105 * S);
    schedule.advance(105 * S, listener);
    expect(schedule.conditions.edgeFlags[0]).toBe(Condition.cut);
    schedule.forgetPast();
    expect(schedule.faults).toEqual([later]);
    schedule.stop(later, 106 * S);
    schedule.advance(106 * S, listener);
    schedule.forgetPast();
    expect([schedule.faults.length, schedule.nextAt, schedule.conditions.edgeFlags[0]]).toEqual([0, Infinity, 0]);
  });
});

test('whatever was switched and stopped, nothing is left on, and the times of the file come as ever', () => {
  const FAULTS: readonly object[] = [
    { name: 'a', at: '10s', for: '10s', repeat: { every: '15s', times: 3 }, target: 'cart', crash: true },
    { name: 'b', at: '5s', for: '30s', target: 'cart/1', latency: { multiply: 2 } },
    { name: 'c', at: '40s', target: 'users->cart', loss: '10%' },
  ];
  const plan = planWith(FAULTS);
  const ADDED: readonly FaultPlan[] = planWith([{ name: 'd', for: '3s', repeat: { every: '4s', times: 4 }, target: 'cart', pick: 2, hang: true }, { name: 'e', target: 'cart/2', crash: true }]).faults;
  const operation = fc.record({ afterS: fc.integer({ min: 0, max: 6 }), what: fc.constantFrom('start', 'startFor', 'stop', 'add'), which: fc.nat(9) });
  fc.assert(fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
    const schedule = new FaultSchedule(plan, 1);
    const listener = new Listener();
    const advanceTo = (now: number): void => {
      while (schedule.nextAt <= now) schedule.advance(schedule.nextAt, listener);
    };
    let now = 0;
    for (const { afterS, what, which } of operations) {
      now += afterS * S;
      advanceTo(now);
      const fault = schedule.faults[which % schedule.faults.length]!;
      if (what === 'add') schedule.add(ADDED[which % ADDED.length]!, now);
      else if (what === 'stop') schedule.stop(fault, now);
      else if (!schedule.isOn(fault)) schedule.start(fault, what === 'start' ? Infinity : 2 * S, now);
      advanceTo(now);
    }
    const untouched = new FaultSchedule(plan, 1);
    // Those of the file have ended by then, but for one that lasts.
    const end = Math.max(now, 60 * S);
    advanceTo(end);
    for (const fault of schedule.faults) schedule.stop(fault, end);
    advanceTo(end + 2 * S);
    schedule.forgetPast();
    expect([...schedule.conditions.endpointFlags, ...schedule.conditions.edgeFlags]).toEqual([0, 0, 0, 0]);
    expect([schedule.faults.map((fault) => fault.plan.name), schedule.nextAt, schedule.targets]).toEqual([['a', 'b', 'c'], Infinity, untouched.targets]);
  }));
});
