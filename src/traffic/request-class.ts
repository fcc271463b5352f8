/**
 * What a request of a class says: path, headers, body and key with their faker templates filled in.
 *
 * Rendering depends on its arguments alone: a generator of our own for each class, seeded from them,
 * and a fixed date for templates that would ask for today's. Templates may call one generator with
 * plain arguments (`{{number.int({"max": 5})}}`); what could nest, loop or ask for huge texts is refused.
 */
import type { Faker } from '@faker-js/faker';
import { sharedFaker } from './faker.ts';
import type { Plan, RequestClassPlan } from '../model/plan.ts';

export interface RenderedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Null where the class has no key template. */
  readonly key: string | null;
}

/** `count` requests of the class, the same for the same arguments. */
export function renderClass(requestClass: RequestClassPlan, seed: number, classIndex: number, count: number): readonly RenderedRequest[] {
  const { path, headers, body, key } = requestClass;
  const keyText = key?.kind === 'template' ? key.text : null;
  const fields = Object.entries(headers);
  if (![path, body, keyText ?? '', ...fields.map(([, value]) => value)].some(isTemplate)) {
    return Array.from({ length: count }, () => ({ path, headers, body, key: keyText }));
  }
  const faker = newFaker();
  faker.seed([seed >>> 0, Math.floor(seed / 2 ** 32), classIndex]);
  const fill = (text: string): string => text.replace(TEMPLATE, (_, inner: string) => evaluate(faker, inner));
  return Array.from({ length: count }, () => ({
    path: fill(path),
    headers: Object.fromEntries(fields.map(([name, value]) => [name, fill(value)])),
    body: fill(body),
    key: keyText === null ? null : fill(keyText),
  }));
}

/** Requests of one class that are rendered; each request is one of them. */
const RENDERED = 1000;

/** By source and class: the requests as they are sent. */
export function renderedRequestsOf(plan: Plan, seed: number): (readonly RenderedRequest[])[][] {
  return plan.traffic.map(({ classes }, source) => classes.map((requestClass, index) => renderClass(requestClass, seed, source * 1000 + index, RENDERED)));
}

/** By source and class: rendered hash keys, where key (or, without a key, path) is a template; else none. */
export function renderedKeysOf(plan: Plan, seed: number): string[][][] {
  return plan.traffic.map(({ classes }, source) =>
    classes.map((requestClass, index) => {
      const { key, path } = requestClass;
      const text = key === null ? path : key.kind === 'template' ? key.text : '';
      if (!isTemplate(text)) return [];
      return renderClass(requestClass, seed, source * 1000 + index, RENDERED).map((rendered) => rendered.key ?? rendered.path);
    }),
  );
}

export interface TemplateProblem {
  /** The expression between the braces that cannot be rendered. */
  readonly unknown: string;
  /** The nearest one that can, or null. */
  readonly suggestion: string | null;
  /** What is wrong, where it is not the name. */
  readonly reason: string | null;
}

/** The first template in the text that cannot be rendered, or null. `nearest` finds a similar name. */
export function templateProblem(text: string, nearest: (name: string, names: readonly string[]) => string | null = () => null): TemplateProblem | null {
  if (!isTemplate(text)) return null;
  const faker = newFaker();
  faker.seed(1);
  const outside = text.replace(TEMPLATE, '');
  if (outside.includes('{{')) return { unknown: outside.slice(outside.indexOf('{{'), outside.indexOf('{{') + 40), suggestion: null, reason: 'it is not closed by }}' };
  for (const [, inner = ''] of text.matchAll(TEMPLATE)) {
    const unknown = inner.trim();
    const call = CALL.exec(unknown);
    const name = call?.[1] ?? unknown.split('(')[0]!;
    const names = generatorNames(faker);
    if (call === null || !names.includes(name)) return { unknown, suggestion: nearest(name, names), reason: names.includes(name) ? 'its arguments cannot be read' : null };
    const args = call[2] ?? '';
    if (!LARGE_NUMBERS.test(name) && (args.match(/\d+/g) ?? []).some((digits) => Number(digits) > SIZE_MAX)) return { unknown, suggestion: null, reason: `its numbers go up to ${SIZE_MAX} here` };
    try {
      evaluate(faker, inner);
    } catch (error) {
      return { unknown, suggestion: null, reason: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
    }
  }
  return null;
}

const TEMPLATE = /\{\{((?:(?!\}\}|\{\{).)*)\}\}/gs;
const CALL = /^([A-Za-z]+\.[A-Za-z0-9]+)(?:\((.*)\))?$/s;
/** Longest text or list a template may ask for. */
const SIZE_MAX = 10_000;
/** Here numbers are values, not lengths. */
const LARGE_NUMBERS = /^(number\.|date\.|location\.|commerce\.price$|finance\.amount$)/;
/** They render templates of their own, take functions, or answer with values that are no text. */
const REFUSED: ReadonlySet<string> = new Set(['helpers.fake', 'helpers.mustache', 'helpers.multiple', 'helpers.maybe', 'helpers.uniqueArray']);

/** The text of `string.uuid` or `number.int({"max": 5})`. Dates in ISO form: their usual text depends on the machine's time zone. */
function evaluate(faker: Faker, inner: string): string {
  const [, name = '', args] = CALL.exec(inner.trim()) ?? [];
  const [module = '', method = ''] = name.split('.');
  const generators = (faker as unknown as Readonly<Record<string, Readonly<Record<string, (...values: readonly unknown[]) => unknown>>>>)[module]; // checked by templateProblem
  const value = generators![method]!(...argumentsOf(args));
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** JSON values between the parentheses, or all of it as one text. */
function argumentsOf(args: string | undefined): readonly unknown[] {
  if (args === undefined || args.trim() === '') return [];
  try {
    return JSON.parse(`[${args}]`) as readonly unknown[];
  } catch {
    return [args];
  }
}

function isTemplate(text: string): boolean {
  return text.includes('{{');
}

function generatorNames(faker: Faker): string[] {
  const modules = faker as unknown as Readonly<Record<string, unknown>>; // its modules are plain properties
  return Object.keys(modules).flatMap((module) => {
    const value = modules[module];
    if (module.startsWith('_') || module === 'fakerCore' || typeof value !== 'object' || value === null) return [];
    const methods = new Set([...Object.keys(value), ...Object.getOwnPropertyNames(Object.getPrototypeOf(value)), ...Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {}) ?? {})]);
    return [...methods]
      .filter((method) => /^[a-z]/.test(method) && method !== 'constructor' && !Object.hasOwn(Object.prototype, method) && typeof (value as Readonly<Record<string, unknown>>)[method] === 'function')
      .map((method) => `${module}.${method}`)
      .filter((name) => !REFUSED.has(name));
  });
}

/** A generator apart from the package's shared one, which a user's own tests may have seeded. */
function newFaker(): Faker {
  const shared = sharedFaker();
  const own = new (shared.constructor as typeof Faker)({ locale: shared.rawDefinitions });
  own.setDefaultRefDate('2024-01-01T00:00:00.000Z');
  return own;
}
