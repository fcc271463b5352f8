/**
 * Feeds a recording to a fresh engine, which has to decide everything again as it did then. An engine with a tape is
 * fed, and its tape is compared with the recording, line by line; so there is one place that says how a decision reads.
 */
import type { CheckResult } from '../engine/breaker/health-checks.ts';
import type { Engine } from '../engine/engine.ts';
import { Tape } from '../engine/tape/tape.ts';
import { DECISION_MARK } from '../engine/tape/words.ts';
import { timerOf, type TimerKind } from '../engine/timers.ts';
import { WatchedEngine } from '../engine/watch/watched-engine.ts';
import type { Outcome } from '../model/outcome.ts';
import { describe, type Place, placeOf } from './describe.ts';
import { type Entry, entryOf } from './entry.ts';
import { type Line, linesOf } from './lines.ts';
import { BadRecording, END_WORD, parseHeader, type RecordingHeader } from './recording.ts';
import { NOBODY, ReplayedWorld } from './replayed-world.ts';

export interface Replayed {
  readonly header: RecordingHeader;
  /** Those that were fed and agreed. */
  readonly inputs: number;
  readonly decisions: number;
  /** Of the last input that was fed. */
  readonly atNs: number;
  /** False when the recording breaks off: the run was killed. */
  readonly isWhole: boolean;
  /** The first one; null when all decisions are the same. */
  readonly divergence: Divergence | null;
}

/** The engine decides otherwise than it did, or is told something that no world would tell it. */
export interface Divergence {
  /** The input after which it happened: which one of all, from 1; its line in the file; ns. */
  readonly input: number;
  readonly line: number;
  readonly atNs: number;
  /** The line and, for people, what it says. */
  readonly told: Said;
  /** Null where nothing more was decided. Both are null where nobody waits for the input. */
  readonly recorded: Said | null;
  readonly replayed: Said | null;
  /** Where in the mesh; null for what is nobody's in particular. */
  readonly place: Place | null;
}

export interface Said {
  readonly text: string;
  readonly words: string;
}

/** @throws BadRecording when the file is no recording, or is damaged */
export async function replay(path: string): Promise<Replayed> {
  let player: Player | null = null;
  for await (const line of linesOf(path)) {
    if (player === null) player = new Player(parseHeader(line.text));
    else player.next(line);
    if (player.divergence !== null) break;
  }
  if (player === null) throw new BadRecording('it is empty');
  return player.finish();
}

/** Thrown out of the engine when it goes another way. */
class GoesAnotherWay extends Error {
  readonly recorded: string | null;
  readonly replayed: string | null;

  constructor(recorded: string | null, replayed: string | null) {
    super('the engine decides otherwise');
    this.recorded = recorded;
    this.replayed = replayed;
  }
}

/** An input, and what it led to when it was recorded. */
interface Step {
  readonly line: Line;
  readonly entry: Entry;
  readonly atNs: number;
  readonly decisions: string[];
}

class Player {
  divergence: Divergence | null = null;
  private readonly header: RecordingHeader;
  private readonly world: ReplayedWorld;
  private readonly engine: Engine;
  /** The step whose lines are being read, then played. */
  private step: Step | null = null;
  /** How many of its decisions were made again. */
  private made: number = 0;
  /** The recording broke off within this step. */
  private isCutOff: boolean = false;
  private isWhole: boolean = false;
  private inputs: number = 0;
  private decisions: number = 0;
  private atNs: number = 0;

  constructor(header: RecordingHeader) {
    this.header = header;
    const { modelsConnections, plan, seed } = header;
    try {
      this.world = new ReplayedWorld(plan, () => this.step?.decisions[this.made]?.endsWith(' true') === true);
      this.engine = new WatchedEngine(new Tape((text) => this.compare(text)), plan, seed, this.world, NOBODY, modelsConnections);
    } catch (error) {
      throw new BadRecording(`line 1: no engine can be made of the plan (recorded by meshsim ${header.meshsim}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  next(line: Line): void {
    if (this.isWhole) throw new BadRecording(`line ${line.number}: something follows the end`);
    if (line.text.startsWith(`${END_WORD} `)) {
      this.play();
      if (this.divergence === null) this.end(line);
      return;
    }
    const entry = entryOf(line.text);
    if (entry === null) throw bad(line, 'this is no line of a recording');
    if (line.text.startsWith(DECISION_MARK)) {
      if (this.step === null) throw bad(line, 'a decision without an input');
      this.step.decisions.push(line.text);
      return;
    }
    const atNs = entry.atNs!; // only decisions have none
    if (atNs < (this.step?.atNs ?? 0)) throw bad(line, 'time goes back');
    this.play();
    this.step = { line, entry, atNs, decisions: [] };
  }

  finish(): Replayed {
    if (this.divergence === null && !this.isWhole) {
      this.isCutOff = true;
      this.play();
    }
    const { atNs, decisions, divergence, header, inputs, isWhole } = this;
    return { header, inputs, decisions, atNs, isWhole, divergence };
  }

  /** What the engine's tape says. */
  private compare(text: string): void {
    const { step } = this;
    // An engine that is being made decides nothing yet.
    if (step === null) throw new Error(`decided without an input: ${text}`);
    if (!text.startsWith(DECISION_MARK)) {
      if (text !== step.line.text) throw bad(step.line, `it would be written \`${text}\``);
      return;
    }
    const recorded = step.decisions[this.made];
    if (recorded !== text) throw new GoesAnotherWay(recorded ?? null, text);
    this.made++;
  }

  private play(): void {
    const { step } = this;
    if (step === null) return;
    this.atNs = step.atNs;
    this.made = 0;
    try {
      if (!this.isWaitedFor(step)) {
        this.diverge(step, null, null);
        return;
      }
      this.feed(step);
      if (this.made < step.decisions.length) throw new GoesAnotherWay(step.decisions[this.made]!, null);
    } catch (error) {
      if (!(error instanceof GoesAnotherWay)) throw error;
      // What it decided then is not there to be read.
      if (!this.isCutOff || error.recorded !== null) this.diverge(step, error.recorded, error.replayed);
    }
    this.decisions += this.made;
    if (this.divergence === null) this.inputs++;
    this.step = null;
  }

  private diverge({ atNs, entry, line }: Step, recorded: string | null, replayed: string | null): void {
    const { engine } = this;
    const { plan } = this.header;
    const said = (text: string): Said => ({ text, words: describe(entryOf(text)!, plan) }); // each was read or written as a line of a tape
    const decision = replayed ?? recorded;
    this.divergence = {
      input: this.inputs + 1, line: line.number, atNs, told: said(line.text),
      recorded: recorded === null ? null : said(recorded),
      replayed: replayed === null ? null : said(replayed),
      place: (decision === null ? null : placeOf(entryOf(decision)!, engine, plan)) ?? placeOf(entry, engine, plan),
    };
  }

  private isWaitedFor({ atNs, entry: { numbers, word } }: Step): boolean {
    const { engine, world } = this;
    const { attempt, call, caller, connection, edge, endpoint, outbound, requestClass, serial, service } = numbers;
    switch (word) {
      case 'start':
        return this.inputs === 0;
      case 'begin':
        return world.mayBegin(edge!, caller!, requestClass!);
      case 'attemptDone':
        return world.isAnswered(attempt!);
      case 'opened':
      case 'openFailed':
        return world.isOpened(outbound!, connection!);
      case 'connectionsLost':
        return world.mayLose(service!, endpoint!);
      case 'probeAnswered':
        return world.isChecked(outbound!, endpoint!, serial!);
      case 'timerDue':
        return world.isDue(timerIn(numbers), atNs);
      case 'abandon':
        return world.mayAbandon(engine, call!);
      default:
        throw new Error(`${word} is no input`);
    }
  }

  private feed({ atNs, entry: { numbers, word } }: Step): void {
    const { engine } = this;
    const { attempt, call, caller, connection, deadline, edge, endpoint, hashKey, keyHi, keyLo, outbound, outcome, parent, requestClass, result, serial, service, status, tag } = numbers;
    switch (word) {
      case 'start':
        engine.start(atNs);
        return;
      case 'begin':
        engine.begin(edge!, caller!, keyHi!, keyLo!, hashKey!, requestClass!, tag!, parent!, deadline!, atNs);
        return;
      case 'attemptDone':
        engine.attemptDone(attempt!, outcome! as Outcome, status!, atNs); // a code of its names, as the others
        return;
      case 'opened':
        engine.opened(outbound!, connection!, atNs);
        return;
      case 'openFailed':
        engine.openFailed(outbound!, connection!, atNs);
        return;
      case 'connectionsLost':
        engine.connectionsLost(service!, endpoint!, atNs);
        return;
      case 'probeAnswered':
        engine.probeAnswered(outbound!, endpoint!, serial!, result! as CheckResult, atNs);
        return;
      case 'timerDue':
        engine.timerDue(timerIn(numbers), atNs);
        return;
      case 'abandon':
        engine.abandon(call!, atNs);
        return;
      default:
        throw new Error(`${word} is no input`);
    }
  }

  private end(line: Line): void {
    this.isWhole = true;
    const written = `${END_WORD} ${this.inputs} ${this.decisions}`;
    if (line.text !== written) throw bad(line, `lines are missing, or are too many: this replay came to \`${written}\``);
  }
}

function timerIn({ subject, timer }: Entry['numbers']): number {
  return timerOf(timer! as TimerKind, subject!);
}

function bad({ number, text }: Line, reason: string): BadRecording {
  return new BadRecording(`line ${number}: ${reason}: \`${text.slice(0, 80)}\``);
}
