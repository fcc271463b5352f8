/** `--time-scale`: how many times as long everything takes in real mode. */
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

/** A second then takes a quarter of an hour. */
const SCALE_MAX = 1000;

/** 1 where nobody says. */
export function timeScaleOf(settings: Settings): number {
  const text = settings.text('time-scale');
  const timeScale = text === null ? 1 : Number(text);
  if (!(timeScale >= 1 && timeScale <= SCALE_MAX)) throw new UserError('usage', `--time-scale ${text}: a number from 1 to ${SCALE_MAX}, such as 10`);
  return timeScale;
}
