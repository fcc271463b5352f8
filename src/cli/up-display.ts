/**
 * What a person sees of a mesh that is up: where to call it, then how it does, in one line. On a terminal that someone watches
 * the line is drawn anew each second; elsewhere plain lines, at most one every ten seconds and none that says nothing new.
 */
import * as format from '../report/format.ts';
import { printable } from '../report/summary.ts';
import { asciiOf } from '../report/style.ts';
import { shorten } from '../report/text.ts';
import type { Mesh, Status } from '../up/mesh.ts';
import type { OutputLook } from './look.ts';
import type { Output } from './shell.ts';

export interface StatusDisplay {
  /** Once a second. */
  update(status: Status, nowMs: number): void;
  /** Before anything else is printed. */
  end(): void;
}

const SERVICES_SHOWN = 20;
const LINE_MS = 10_000;

export const noStatus: StatusDisplay = { update: () => undefined, end: () => undefined };

export function liveStatus(output: Output, { unicode, width }: OutputLook): StatusDisplay {
  return {
    // One column is left free: some terminals wrap when the last one is written.
    update(status) {
      const line = shorten(`up ${format.duration(wholeSeconds(status.upMs))}   ${factsOf(status).join('   ')}`, width - 1);
      output.write(`\r\u001b[K${unicode ? line : asciiOf(line)}`);
    },
    end: () => output.write('\r\u001b[K'),
  };
}

export function plainStatus(output: Output, name: string): StatusDisplay {
  let writtenMs = -Infinity;
  let written = '';
  return {
    update(status, nowMs) {
      const facts = factsOf(status).join(', ');
      if (nowMs - writtenMs < LINE_MS || facts === written) return;
      writtenMs = nowMs;
      written = facts;
      output.write(`up ${printable(name)}: ${facts}\n`);
    },
    end: () => undefined,
  };
}

/** Where everything is, with a command to begin with. */
export function greeting({ adminUrl, plan: { faults, name, services }, urls }: Pick<Mesh, 'adminUrl' | 'plan' | 'urls'>): string {
  const shown = services.slice(0, SERVICES_SHOWN);
  const column = Math.max(...shown.map((service) => service.name.length), 'admin'.length) + 3;
  const rows = shown.map((service, i) => `  ${service.name.padEnd(column)}${urls[i]!}`);
  const [fault] = faults;
  return `${[
    `${printable(name)} is up; Ctrl-C takes it down`,
    '',
    ...rows,
    ...(services.length > shown.length ? [`  and ${services.length - shown.length} more: GET /services`] : []),
    `  ${'admin'.padEnd(column)}${adminUrl}   GET / lists what it understands`,
    '',
    `  a call     curl -i ${urls[0]!}/`,
    fault === undefined
      ? `  a fault    curl --json '{"target": "${services[0]!.name}/0", "crash": true, "for": "10s"}' ${adminUrl}/faults`
      : `  a fault    curl --json '{"for": "10s"}' ${adminUrl}/faults/${fault.name}`,
    '',
  ].join('\n')}\n`;
}

function factsOf({ breakersOpen, faults, inFlight, lastSecond, outOfUse, shedding }: Status): string[] {
  const { failed, p50Ms, p99Ms, requests } = lastSecond;
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);
  const listed = (what: string, names: readonly string[]): string[] => (names.length === 0 ? [] : [`${what} ${names.slice(0, 3).join(' ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`]);
  const counted = (what: string, count: number): string[] => (count === 0 ? [] : [`${what} ${count}`]);
  return [
    `${format.count(requests)} rps`,
    ...(requests === 0 ? [] : [`p50 ${format.number(p50Ms)}`, `p99 ${format.milliseconds(p99Ms)}`, `errors ${format.percent(failed / requests)}`]),
    ...listed('fault', faults),
    ...listed('out of use', Object.keys(outOfUse)),
    ...counted('breakers open', sum(breakersOpen)),
    ...counted('shedding', sum(shedding)),
    ...counted('in flight', inFlight),
  ];
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
