/** A policy that was made for one caller of one run. One that has been used before brings its state and its real timers with it. */
const used = new WeakSet<object>();

/** @throws where the factory has returned the same policy before */
export function madeAnew<T extends object>(policy: T): T {
  if (used.has(policy)) throw new Error('the factory returned a policy that it has returned before: make a new one each time, since its state is that of one caller in one run');
  used.add(policy);
  return policy;
}
