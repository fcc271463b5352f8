/**
 * Keeps web pages away from the admin API. A page that the user's browser has open can send requests to this machine: to a name
 * of its own that it lets resolve to 127.0.0.1 (so `Host` has to be ours), or across origins (so `Origin` has to be ours or
 * absent, and nobody is told that pages may read an answer). What a form could send changes nothing: changes want a media type
 * that no form has, or a method.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: 403 | 415;
  readonly error: string;
}

/** Types of bodies that change something; browsers send none of them without asking first (Fetch standard, CORS-safelisted). */
const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml'];

/** @param port  of the API. Null is fine. */
export function refusalTo(method: string, headers: IncomingHttpHeaders, port: number): Refusal | null {
  const own = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port}`);
  if (!own.includes((headers.host ?? '').toLowerCase())) return { status: 403, error: `this API is called by the name ${own.join(' or ')}, and Host says another` };
  const { origin } = headers;
  if (origin !== undefined && !own.some((name) => origin.toLowerCase() === `http://${name}`)) return { status: 403, error: 'this API is not for pages of other origins' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return { status: 403, error: 'this API is not for pages of other sites' };
  if (method !== 'POST') return null;
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  return MEDIA_TYPES.includes(type) ? null : { status: 415, error: `a POST needs a content-type of ${MEDIA_TYPES.join(', ')}; curl: --json '{…}'` };
}
