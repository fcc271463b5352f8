/** A run of which all that the engine is told and decides goes to a file. */
import type { Watcher } from '../engine/watch/watcher.ts';
import { RecordingFile } from '../record/recording-file.ts';

/**
 * @param path  undefined for a run that is not recorded
 * @throws MeshError when the file cannot be written
 */
export function recordedSim<Run>(path: string | undefined, run: (watchers: readonly Watcher[]) => Run): Run {
  if (path === undefined) return run([]);
  const recording = new RecordingFile(path, 'sim');
  try {
    const over = run([recording]);
    recording.end();
    return over;
  } finally {
    recording.close();
  }
}

/** The same of a run on sockets. */
export async function recordedReal<Run>(path: string | undefined, run: (watchers: readonly Watcher[]) => Promise<Run>): Promise<Run> {
  if (path === undefined) return run([]);
  const recording = new RecordingFile(path, 'real');
  try {
    const over = await run([recording]);
    recording.end();
    return over;
  } finally {
    recording.close();
  }
}
