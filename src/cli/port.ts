/** `--port`. */
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export const PORT_MAX = 65_535;

/** 0 leaves it to the system. */
export function portOf(settings: Settings): number {
  const text = settings.text('port') ?? '0';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > PORT_MAX) throw new UserError('usage', `--port ${text}: a port is a whole number up to ${PORT_MAX}, such as 8700`);
  return port;
}
