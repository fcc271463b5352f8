/**
 * The way into one service from outside: each request is a call under the policy of the source that it counts for, and is answered
 * as a proxy would answer it. Method, path, headers and body go on to the endpoint.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { OUTCOME_NAMES } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { OpenWorld, Visit, VisitEnding } from '../run/worlds.ts';
import { ClassMatch } from './class-match.ts';
import { answerJson, bodyOf } from '../http/local-server.ts';

/** Longest body that is passed on. */
const BODY_BYTES_MAX = 2 ** 20;

/** Of all ingresses together: requests under way, and bytes of their bodies. */
const REQUESTS_MAX = 10_000;
const BYTES_MAX = 2 ** 26;

/** Who is in the mesh from outside, so that no more come than it can hold. */
export class Visitors {
  private requests: number = 0;
  private bytes: number = 0;

  /** Null when there are too many. */
  enter(): Visitor | null {
    if (this.requests === REQUESTS_MAX) return null;
    this.requests++;
    let held = 0;
    return {
      hold: (bytes) => {
        if (held + bytes > BODY_BYTES_MAX || this.bytes + bytes > BYTES_MAX) return false;
        held += bytes;
        this.bytes += bytes;
        return true;
      },
      leave: () => {
        this.requests--;
        this.bytes -= held;
      },
    };
  }
}

interface Visitor {
  /** So many more bytes of its body. @returns false when they are too many */
  hold(bytes: number): boolean;
  /** Once. */
  leave(): void;
}

export class Ingress {
  private readonly world: OpenWorld;
  private readonly classes: ClassMatch;
  private readonly endpointNames: readonly string[];
  private readonly visitors: Visitors;

  constructor(world: OpenWorld, plan: Plan, service: number, endpointNames: readonly string[], visitors: Visitors) {
    this.world = world;
    this.classes = new ClassMatch(plan, service);
    this.endpointNames = endpointNames;
    this.visitors = visitors;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visitor = this.visitors.enter();
    if (visitor === null) {
      refuse(request, response, 503, 'too many requests are under way');
      return;
    }
    response.once('close', () => visitor.leave());
    const path = pathOf(request.url ?? '');
    const body = await bodyOf(request, (bytes) => visitor.hold(bytes));
    if (path === null) refuse(request, response, 400, 'this path cannot be passed on');
    else if (body === null) refuse(request, response, 413, `a body may have ${BODY_BYTES_MAX} bytes, and all that are under way together ${BYTES_MAX}`);
    else this.visit({ method: request.method ?? 'GET', path, headers: passedOn(request.headers), body }, response);
  }

  private visit(text: Visit['text'], response: ServerResponse): void {
    if (response.destroyed) return;
    let isOpen = true;
    const number = this.world.visit({
      ...this.classes.of(text.method, text.path),
      text,
      settled: (ending) => {
        isOpen = false;
        this.reply(response, ending);
      },
    });
    response.once('close', () => {
      if (isOpen) this.world.leave(number);
    });
  }

  private reply(response: ServerResponse, { attempts, endpoint, outcome, status }: VisitEnding): void {
    const name = endpoint === null ? null : this.endpointNames[endpoint]!;
    const word = OUTCOME_NAMES[outcome]!;
    answerJson(response, status, { outcome: word, status, attempts, endpoint: name }, [
      'meshsim-outcome', word, 'meshsim-attempts', String(attempts), ...(name === null ? [] : ['meshsim-endpoint', name]),
    ]);
  }
}

/** What is left of the request is not worth reading. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, error: string): void {
  request.resume();
  answerJson(response, status, { error }, ['connection', 'close']);
}

/** Null for one that no HTTP client would send; that of an absolute URL, as proxies are asked, is what follows its host. */
function pathOf(url: string): string | null {
  const path = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '');
  return /^\/[\x21-\xff]*$/.test(path) ? path : null;
}

/** Those of the connection are not passed on (RFC 9110, 7.6.1), those that the mesh writes itself cannot be forged, and some are the client's to write. */
const OWN_HEADERS = /^(?:connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|meshsim-.*)$/;

/** Names and values in turn. */
function passedOn(headers: IncomingHttpHeaders): string[] {
  const ofConnection = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/));
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || OWN_HEADERS.test(name) || ofConnection.has(name)) return [];
    return Array.isArray(value) ? value.flatMap((one) => [name, one]) : [name, value];
  });
}
