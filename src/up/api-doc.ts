/** What the admin API of a mesh that is up understands. */
export const API = {
  'GET /': 'the mesh: its services with their URLs, and this list',
  'GET /healthz': '200 while the mesh is up',
  'GET /status': 'the last second: requests, errors, latency; what is out of use or open; faults that are on',
  'GET /services': 'services and their endpoints: up or not, busy, queued',
  'GET /edges': 'who calls whom, and what the policies of all callers together have come to',
  'GET /edges/NAME': 'the same of each caller: endpoints out of use and by whom, breaker, pool, retry budget',
  'GET /faults': 'faults, what they hit, whether they are on',
  'POST /faults': 'add the fault in the body (YAML or JSON, as in a scenario file); its `at` counts from now',
  'POST /faults/NAME': 'switch a fault on, until it is stopped or, with {"for": "10s"}, for a time',
  'DELETE /faults/NAME': 'switch it off; one that was added is forgotten',
  'GET /result': 'all figures up to now, as in result.json',
} as const;

export type Operation = keyof typeof API;
