/** The meshes that are measured: all policies on, and endpoints that answer at once, or after a fixed time. */
import { parseScenario } from '../../../src/index.ts';
import type { Plan } from '../../../src/model/plan.ts';

export const ENDPOINTS = 4;
export const OPEN_LOOP_ENDPOINTS = 20;
/** Of the open loop: what an answer takes when the mesh takes nothing. */
export const WORK_MS = 5;

const POLICY = `
policies:
  busy:
    loadBalancer: leastRequest
    timeout: 2s
    retries: { attempts: 2, perTryTimeout: 1s, on: [5xx, connectFailure, reset], backoff: { base: 25ms }, budget: { ratio: 20% } }
    outlierDetection: { consecutive5xx: 5, interval: 10s, baseEjectionTime: 10s, maxEjectionPercent: 10% }
`;

/** @param users  who ask again as soon as they are answered */
export function closedLoop(users: number, seconds: number): Plan {
  return planOf(`
name: closed-loop
duration: ${seconds}s
${POLICY}
services: { s: { replicas: ${ENDPOINTS}, concurrency: unlimited, latency: 0ms, policy: busy } }
traffic: [ { to: s, name: client, users: ${users} } ]
`);
}

export function openLoop(hopsPerSecond: number, seconds: number): Plan {
  return planOf(`
name: open-loop
duration: ${seconds}s
${POLICY}
services: { s: { replicas: ${OPEN_LOOP_ENDPOINTS}, concurrency: unlimited, latency: ${WORK_MS}ms, policy: busy } }
traffic: [ { to: s, name: client, rate: ${hopsPerSecond}/s } ]
`);
}

function planOf(text: string): Plan {
  const { plan, problems } = parseScenario(text);
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return plan;
}
