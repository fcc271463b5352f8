/** A fault on its own means what it would mean in a file. */
import { describe, expect, test } from 'vitest';
import { parseFault, parseStart } from '../../src/scenario/parse-fault.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const REST = `
duration: 60s
zones: [eu, us]
services:
  web: { replicas: 4, concurrency: 8, latency: 1ms, calls: [ cart ] }
  cart: { replicas: 5, concurrency: unlimited, latency: 1ms }
traffic: [ { to: web, name: users, rate: 1000/s } ]
`;
const { plan } = parseScenario(REST);

function alone(text: string): ReturnType<typeof parseFault> {
  return parseFault(text, { plan: plan!, taken: ['taken'], fallbackName: 'fault-1' });
}

const SOUND = [
  '{ target: cart/4, latency: { multiply: 10 } }',
  '{ name: gone, at: 5s, for: 10s, target: cart, pick: 40%, crash: true }',
  '{ at: 1s, for: 1s, repeat: { every: 5s, times: 3 }, target: "zone:us", errors: { rate: 20%, status: 503 } }',
  '{ target: web->cart, loss: 1%, latency: { add: { exponential: 5ms } } }',
  '{ target: web, capacity: 50%, firstCalls: 3, reset: 5% }',
];
const BROKEN = [
  '{}',
  '[]',
  'crash',
  '{ target: cart/4 }',
  '{ target: cart/9, crash: true }',
  '{ target: crat, crash: true }',
  '{ target: web->cart, crash: true, pick: 2 }',
  '{ target: cart, capacity: 50% }',
  '{ target: web, capacity: 1% }',
  '{ target: cart, pick: 9, hang: true }',
  '{ target: cart, crsh: true, at: 5 }',
  '{ target: cart, hang: true, repeat: { every: 5s, times: 3 } }',
  '{ target: cart, hang: true, for: 9s, repeat: { every: 5s, times: 3 } }',
  '{ target: cart, latency: { add: 1ms, multiply: 2 } }',
  '{ target: cart, staleDiscovery: 10s }',
  '{ name: "a b", target: cart, hang: true }',
];

describe('a fault on its own', () => {
  test.each(SOUND)('%s is what it is in a file', (text) => {
    const inFile = parseScenario(`${REST}faults:\n  - ${text}\n`);
    expect(alone(text)).toEqual({ fault: inFile.plan!.faults[0], problems: [] });
  });

  test.each(BROKEN)('%s has the problems that it has in a file', (text) => {
    const inFile = parseScenario(`${REST}faults:\n  - ${text}\n`).problems.filter(({ severity }) => severity === 'error');
    const { fault, problems } = alone(text);
    expect(fault).toBeNull();
    expect(problems.map(({ code, message, hint, allowed, path }) => ({ code, message, hint, allowed, path })))
      .toEqual(inFile.map(({ code, message, hint, allowed, path }) => ({ code, message, hint, allowed, path: path.replace(/^faults\[0\]\.?/, '') })));
    expect(problems.map(({ line, column }) => [line, column])).toEqual(inFile.map(({ line, column }) => [line! - REST.split('\n').length, column! - '  - '.length]));
  });

  test('may be JSON, and must be something', () => {
    expect(alone('{"target": "cart/4", "hang": true}').fault).toMatchObject({ name: 'fault-1', windows: [{ fromNs: 0, toNs: Infinity }] });
    expect(alone('').problems).toMatchObject([{ code: 'missing-key' }]);
    expect(alone('{ target: cart').problems).toMatchObject([{ code: 'yaml-syntax' }]);
  });

  test('may not have the name of another', () => {
    expect(alone('{ name: taken, target: cart, hang: true }').problems).toMatchObject([{ code: 'duplicate-name', line: 1, column: 9 }]);
  });
});

describe('a start', () => {
  test.each([['', Infinity], ['{}', Infinity], ['{"for": "10s"}', 10e9], ['for: 250ms', 250e6]])('%j is for %d ns', (text, forNs) => {
    expect(parseStart(text)).toEqual({ forNs, problems: [] });
  });

  test.each([['{"for": 10}', 'missing-unit'], ['{"four": "10s"}', 'unknown-key'], ['10s', 'wrong-type'], ['{"for": "0s"}', 'out-of-range']])('%j has a problem', (text, code) => {
    expect(parseStart(text)).toMatchObject({ forNs: null, problems: [{ code }] });
  });
});
