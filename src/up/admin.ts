/** The admin API: looks at a mesh that is up, and switches its faults. Every answer is JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../fault/schedule.ts';
import { parseFault, parseStart } from '../scenario/parse-fault.ts';
import type { Problem } from '../scenario/problem.ts';
import { API, type Operation } from './api-doc.ts';
import { refusalTo } from '../http/guard.ts';
import { answerJson, bodyOf } from '../http/local-server.ts';
import type { Mesh } from './mesh.ts';
import { edgeDetail, edgeStates, faultState, serviceStates } from './states.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What an operation is asked with. */
interface Asked {
  readonly mesh: Mesh;
  /** In place of `NAME`; empty where there is none. */
  readonly name: string;
  readonly body: string;
  readonly now: number;
}

const BODY_BYTES_MAX = 65_536;
/** Faults added and not over. */
const ADDED_MAX = 100;
/** Of one that is added: times that it is on, by targets and effects. */
const SWITCHES_MAX = 10_000;

export class Admin {
  private readonly mesh: Mesh;

  constructor(mesh: Mesh) {
    this.mesh = mesh;
  }

  /** @param port  that it listens on */
  async answer(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    const { method = 'GET' } = request;
    const refusal = refusalTo(method, request.headers, port);
    if (refusal !== null) {
      refuse(request, response, refusal.status, refusal.error);
      return;
    }
    const found = operationOf(method, request.url ?? '/');
    if ('error' in found) {
      refuse(request, response, found.status, found.error, found.allow);
      return;
    }
    let held = 0;
    const body = await bodyOf(request, (bytes) => (held += bytes) <= BODY_BYTES_MAX);
    if (body === null) {
      refuse(request, response, 413, `a body may have ${BODY_BYTES_MAX} bytes`);
      return;
    }
    const { status, body: answer } = this.carryOut(found.operation, found.name, body.toString());
    answerJson(response, status, answer, NOT_KEPT);
  }

  private carryOut(operation: Operation, name: string, body: string): Answer {
    const { mesh } = this;
    let answer: Answer = failure(503, 'the mesh is not up');
    if (mesh.isUp) mesh.world.present((now) => (answer = OPERATIONS[operation]({ mesh, name, body, now })));
    return answer;
  }
}

const OPERATIONS: { readonly [Name in Operation]: (asked: Asked) => Answer } = {
  'GET /': ({ mesh }) => ok({ scenario: mesh.plan.name, seed: mesh.plan.seed, services: mesh.plan.services.map(({ name }, i) => ({ name, url: mesh.urls[i]! })), api: API }),
  'GET /healthz': ({ mesh }) => ok({ status: 'ok', upMs: mesh.status().upMs }),
  'GET /status': ({ mesh }) => ok(mesh.status()),
  'GET /services': ({ mesh: { plan, urls, world } }) => ok(serviceStates(world, plan, urls)),
  'GET /edges': ({ mesh: { plan, world } }) => ok(edgeStates(world, plan)),
  'GET /edges/NAME': ({ mesh: { plan, world }, name }) => {
    const detail = edgeDetail(world, plan, name);
    return detail === null ? failure(404, `there is no edge ${name}; GET /edges lists them`) : ok(detail);
  },
  'GET /faults': ({ mesh: { world }, now }) => {
    world.faults.forgetPast();
    return ok(world.faults.faults.map((fault) => faultState(world, fault, now)));
  },
  'POST /faults': ({ body, mesh: { plan, world }, now }) => {
    const { faults } = world;
    faults.forgetPast();
    const taken = faults.faults.map((fault) => fault.plan.name);
    if (faults.faults.filter(({ isAdded }) => isAdded).length >= ADDED_MAX) return failure(409, `${ADDED_MAX} faults were added and are not over; DELETE some`);
    const { fault, problems } = parseFault(body, { plan, taken, fallbackName: freeName(taken) });
    if (fault === null) return invalid(problems);
    const { effects, target, windows } = fault;
    const hits = target.kind === 'edges' ? target.edges.length : target.endpoints.length;
    if (windows.length * hits * effects.length > SWITCHES_MAX) return failure(400, `this fault would be switched on more than ${SWITCHES_MAX} times, on all that it hits together`);
    return switched(world, faults.add(fault, now), 201, now);
  },
  'POST /faults/NAME': ({ body, mesh: { world }, name, now }) =>
    withFault(world, name, (fault) => {
      const { forNs, problems } = parseStart(body);
      if (forNs === null) return invalid(problems);
      if (world.faults.isOn(fault)) return failure(409, `${name} is on already; DELETE /faults/${name} switches it off`);
      world.faults.start(fault, forNs, now);
      return switched(world, fault, 200, now);
    }),
  'DELETE /faults/NAME': ({ mesh: { world }, name, now }) =>
    withFault(world, name, (fault) => {
      world.faults.stop(fault, now);
      return switched(world, fault, 200, now);
    }),
  'GET /result': ({ mesh }) => ok(mesh.result()),
};

type World = Mesh['world'];

function withFault({ faults }: World, name: string, action: (fault: Fault) => Answer): Answer {
  faults.forgetPast();
  const fault = faults.faults.find(({ plan }) => plan.name === name);
  return fault === undefined ? failure(404, `there is no fault ${name}; GET /faults lists them`) : action(fault);
}

/** The switch is written down; carry it out, and tell how the fault stands then. */
function switched(world: World, fault: Fault, status: number, now: number): Answer {
  world.switchDueFaults(now);
  return { status, body: faultState(world, fault, now) };
}

type Found = { readonly operation: Operation; readonly name: string } | { readonly status: number; readonly error: string; readonly allow: readonly string[]; readonly operation?: never };

function operationOf(method: string, url: string): Found {
  const steps = url.split('?')[0]!.split('/').slice(1);
  const [first = '', name = ''] = steps.map(decoded);
  const path = steps.length === 2 && name !== '' ? `/${first}/NAME` : steps.length === 1 ? `/${first}` : null;
  const operations = Object.keys(API) as Operation[];
  const allowed = operations.filter((operation) => operation.split(' ')[1] === path);
  if (allowed.length === 0) return { status: 404, error: `there is nothing at ${url}; GET / lists what there is`, allow: [] };
  const operation = allowed.find((candidate) => candidate === `${method} ${path}`);
  if (operation !== undefined) return { operation, name };
  const allow = allowed.map((candidate) => candidate.split(' ')[0]!);
  return { status: 405, error: `${path} understands ${allow.join(' and ')}`, allow };
}

/** A step of a path; one that cannot be read names nothing. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return '';
  }
}

function freeName(taken: readonly string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`added-${n}`)) return `added-${n}`;
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function failure(status: number, error: string): Answer {
  return { status, body: { error } };
}

function invalid(problems: readonly Problem[]): Answer {
  return { status: 400, body: { valid: false, problems } };
}

/** What it says is true now, and for nobody else. */
const NOT_KEPT = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];

function refuse(request: IncomingMessage, response: ServerResponse, status: number, error: string, allow: readonly string[] = []): void {
  request.resume();
  answerJson(response, status, { error }, [...NOT_KEPT, ...(allow.length === 0 ? [] : ['allow', allow.join(', ')])]);
}
