/** `run --save-baseline` and `run --baseline`: the run as one side of a comparison, kept for later or set against what was kept. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { BASELINE_BYTES_MAX, baselineText } from '../compare/baseline.ts';
import { compareSides } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { isSaved, readSaved, type SavedSide } from '../compare/saved.ts';
import { sideOfResult } from '../compare/saved-result.ts';
import type { Result } from '../result/result.ts';
import { REPLICATIONS_DEFAULT } from '../run/task.ts';
import type { Flag } from './command.ts';
import { COMPARISON_FLAGS, failOnOf, minEffectOf } from './fail-on.ts';
import { prepareFolder, writeFiles } from './output-folder.ts';
import { differenceBetween, systemHash } from './scenario-caveats.ts';
import type { Settings } from './settings.ts';
import { tornOf } from './torn.ts';
import { unreadable } from './unreadable.ts';
import { UserError } from './user-error.ts';

export const BASELINE_FLAGS: readonly Flag[] = [
  { name: 'baseline', value: 'file', group: 'Run', doc: 'compare with what --save-baseline wrote, in pairs where the seeds are the same; a result.json will do, too' },
  ...COMPARISON_FLAGS.map((flag) => ({ ...flag, doc: `with --baseline: ${flag.doc}` })),
  { name: 'save-baseline', value: 'file', group: 'Output', doc: 'keep the replications for later comparisons, in a small file meant for git' },
];

/** Before the run: neither a missing file nor a folder that cannot be written is news to wait for. */
export function readBaselineOf(settings: Settings): SavedSide | null {
  const path = settings.text('baseline');
  for (const { name } of COMPARISON_FLAGS) if (path === null && settings.text(name) !== null) throw new UserError('usage', `--${name} goes with --baseline`);
  minEffectOf(settings);
  const target = settings.text('save-baseline');
  if (target !== null) prepareFolder(dirname(target));
  return path === null ? null : readSavedFile(path, readText(path), 'baseline');
}

/** One run has nothing to tell from luck: as many as the baseline has, or as `compare` makes. Null leaves it to the file. */
export function repsForBaseline(inFile: number | null, baseline: SavedSide | null, settings: Settings): number | null {
  if (baseline === null && settings.text('save-baseline') === null) return null;
  return (inFile ?? 1) > 1 ? null : (baseline?.side.replications.length ?? REPLICATIONS_DEFAULT);
}

/** @param text  of a file that must be a saved side */
function readSavedFile(path: string, text: string, label: string): SavedSide {
  const saved = savedIn(text, label);
  if (saved === null) throw new UserError('input', `${path} is neither a baseline nor a result.json of meshsim`);
  if (typeof saved === 'string') throw new UserError('input', `${path}: ${saved}`);
  return saved;
}

/** The side that a text is, null where it is none, or what is wrong with it. */
export function savedIn(text: string, label: string): SavedSide | string | null {
  if (!text.trimStart().startsWith('{')) return null;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return tornOf(text, error);
  }
  return isSaved(document) ? readSaved(document, label, systemHash) : null;
}

/** @throws UserError where the run makes no baseline, or it cannot be written */
export function saveBaseline(result: Result, path: string): void {
  const run = sideOfRun(result);
  if (typeof run === 'string') throw new UserError('output', `--save-baseline ${path}: not written, ${run}`);
  const text = baselineText(run.side);
  const { length } = run.side.replications;
  const bytes = Buffer.byteLength(text);
  if (bytes > BASELINE_BYTES_MAX) {
    throw new UserError('output', `--save-baseline ${path}: not written, ${length} replications make ${bytes} bytes of at most ${BASELINE_BYTES_MAX}; ${Math.floor((length * BASELINE_BYTES_MAX) / bytes)} would fit`);
  }
  writeFiles(dirname(path), [{ name: basename(path), text }]);
}

/** Null where the run ended early: what is known of it is not what the baseline was measured over. */
export function compareWithBaseline(result: Result, baseline: SavedSide, settings: Settings): Comparison | null {
  const run = sideOfRun(result);
  if (typeof run === 'string') return null;
  const difference = differenceBetween({ label: 'the baseline', resolved: baseline.resolved, sha256: baseline.side.sha256 }, { label: 'this run', resolved: run.resolved, sha256: run.side.sha256 });
  return compareSides([baseline.side, run.side], { minEffect: minEffectOf(settings), failOn: failOnOf(settings), caveats: difference === null ? [] : [difference] });
}

function sideOfRun(result: Result): SavedSide | string {
  return sideOfResult(result, 'this run', systemHash);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}
