/** How an engine is broken: a method of one of its classes does something else. Nothing in the product knows of it. */

/** An object whose private parts a broken method gets at. */
export type Parts = Record<string, unknown>;
type Method = (this: Parts, ...args: unknown[]) => unknown;

/** The class, its method or getter, and what it does instead. */
export type Break = readonly [of: { readonly prototype: object }, method: string, made: (original: Method) => Method];

/** @returns what makes it whole again */
export function breakIt([{ prototype }, method, made]: Break): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor === undefined) throw new Error(`there is no method \`${method}\` to break any more`);
  const { get, value } = descriptor;
  Object.defineProperty(prototype, method, get === undefined ? { ...descriptor, value: made(value as Method) } : { ...descriptor, get: made(get as Method) }); // a prototype has methods and getters
  return () => Object.defineProperty(prototype, method, descriptor);
}

/** The method as it is, while a number of its object is more by so much. */
export const withMore = (field: string, by: (self: Parts) => number): Break[2] => (original) => function more(...args) {
  const parts = this as Record<string, number>;
  const amount = by(this);
  parts[field]! += amount;
  const answer = original.apply(this, args);
  parts[field]! -= amount;
  return answer;
};
