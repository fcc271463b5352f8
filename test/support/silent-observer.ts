import type { EngineObserver } from '../../src/engine/ports.ts';

/** Hears everything and says nothing; spread it and put in what a test listens to. */
export const SILENT: EngineObserver = {
  ejected: () => undefined,
  unejected: () => undefined,
  breakerOpened: () => undefined,
  breakerClosed: () => undefined,
  refusing: () => undefined,
  shedding: () => undefined,
  panicked: () => undefined,
  overflowed: () => undefined,
  budgetRefused: () => undefined,
};
