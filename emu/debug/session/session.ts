import { KernelError, KernelTracer } from '../../kernel/index.ts';
import { DwarfError } from '../../symbols/index.ts';
import { CompiledPlaces } from '../compiled/compiled-places.ts';
import { type DebugHost, Execution } from '../control/execution.ts';
import { Reversing } from '../control/reversing.ts';
import { Stepping } from '../control/stepping.ts';
import type { Stop } from '../control/stop.ts';
import { Evaluator, ExpressionError, parseExpression } from '../expressions/index.ts';
import { GuestWriteError, GuestWriter } from '../guest-writer.ts';
import type { ArmingContext, Arrival } from '../stops/arming.ts';
import { unknownMember } from '../stops/condition-members.ts';
import { namesIn, seesName } from '../stops/condition-names.ts';
import { type CodeLocation, findLocations, loadedPlace } from '../stops/location.ts';
import { type Condition, type PrintPlan, type StopPoint, StopPoints } from '../stops/stop-points.ts';
import type { CheckpointOptions } from '../time/checkpoints.ts';
import type { RecordedKernel, Recording } from '../time/recording.ts';
import { Timeline } from '../time/timeline.ts';
import type { Debuggee } from './debuggee.ts';
import { DebugError } from './errors.ts';
import { formatMessage } from './message.ts';
import { Selection } from './selection.ts';
import { type SourceReader, Sources } from './sources.ts';
import { PER_CPU_MEMBERS, Values } from './values.ts';

/** What shows the session to a person, or drives it. */
export interface SessionHost extends DebugHost {
  /** Text that does not belong to a command's answer: what a dprintf prints while the machine runs. */
  print(text: string): void;
  /** Writes a file; undefined where there are none. Throws DebugError 'refused' when it cannot be written. */
  readonly writeFile?: ((path: string, bytes: Uint8Array) => Promise<void>) | undefined;
}

export interface SessionOptions {
  readonly debuggee: Debuggee;
  readonly host: SessionHost;
  readonly sources: SourceReader;
  readonly checkpoints?: Partial<CheckpointOptions> | undefined;
  /** The machine stands at the beginning of a recording that ends at this position. */
  readonly recordedEnd?: number | undefined;
  /** What a recording of this session is to say of its kernel. */
  readonly kernel?: { readonly recorded: RecordedKernel; readonly commandLine: string } | undefined;
}

/** An expression that is shown at every stop. */
export interface Display {
  readonly number: number;
  readonly expression: string;
  readonly modifiers: string;
}

/** A debugging session: the machine, its past, the stop points, and what is being looked at. Commands are thin layers over this. */
export class DebugSession {
  readonly debuggee: Debuggee;
  readonly host: SessionHost;
  readonly timeline: Timeline;
  readonly tracer: KernelTracer;
  readonly stops = new StopPoints();
  readonly selection: Selection;
  readonly values: Values;
  readonly sources: Sources;
  readonly execution: Execution;
  readonly stepping: Stepping;
  readonly reversing: Reversing;
  /** Positions by name. */
  readonly marks = new Map<string, number>();
  readonly displays: Display[] = [];
  readonly #kernel: SessionOptions['kernel'];
  readonly #compiled: CompiledPlaces;
  #lastDisplay = 0;
  #reached: readonly StopPoint[] = [];

  constructor({ debuggee, host, sources, checkpoints, recordedEnd, kernel }: SessionOptions) {
    this.debuggee = debuggee;
    this.#kernel = kernel;
    this.host = host;
    this.timeline = new Timeline(debuggee.machine, checkpoints);
    this.tracer = new KernelTracer(debuggee.kernel);
    this.selection = new Selection(debuggee);
    const { machine, cpu } = debuggee;
    const writer = new GuestWriter({
      machine,
      inspector: cpu.system.inspector,
      course: this.timeline.course,
      root: () => this.selection.root,
    });
    this.values = new Values(debuggee, this.selection, writer);
    this.sources = new Sources(sources);
    this.#compiled = new CompiledPlaces(debuggee, this.selection, this.values);
    const arming: ArmingContext = {
      debuggee,
      tracer: this.tracer,
      read: (address, size, space) =>
        cpu.system.inspector.within(space, () => debuggee.kernel.memory.tryRead(address, size)),
      runs: (place) => {
        const compiled = this.#compiled.at(place);
        return () => compiled.runs();
      },
    };
    const { timeline, stops } = this;
    const consider = (arrival: Arrival): boolean => this.#consider(arrival);
    const holds = (arrival: Arrival): boolean => this.#holds(arrival);
    this.execution = new Execution({ debuggee, timeline, stops, host, arming, consider });
    this.stepping = new Stepping(this.execution);
    this.reversing = new Reversing({ debuggee, timeline, stops, host, arming, holds });
    // The first moment is one that can be gone back to.
    timeline.advance();
    if (recordedEnd !== undefined) timeline.opened(recordedEnd);
  }

  /** Types at the guest's console; what was recorded after the present moment is dropped. */
  type(text: string): void {
    const { machine } = this.debuggee;
    this.timeline.course.change(() => machine.console.write(text));
  }

  get position(): number {
    return this.debuggee.machine.position;
  }

  /** The stop points at which the last move ended; temporary ones are no longer among `stops`. */
  get reached(): readonly StopPoint[] {
    return this.#reached;
  }

  /** Moves the machine; afterwards the running thread's innermost frame is looked at, and temporary stop points that were met are gone. */
  async move(action: () => Promise<Stop>): Promise<Stop> {
    this.host.begin();
    try {
      const stop = await action();
      this.#reached = stop.arrivals.map(({ point }) => point);
      for (const point of this.#reached) if (point.isTemporary) this.stops.remove(point.number);
      return stop;
    } finally {
      this.selection.reset();
    }
  }

  /** All of history, as a recording that can be opened again elsewhere. The machine then stands where it stood. */
  async record(): Promise<Recording> {
    const { machine } = this.debuggee;
    if (this.#kernel === undefined) throw new DebugError('not-now', 'nothing is known of the kernel’s file');
    const { recorded: kernel, commandLine } = this.#kernel;
    const present = machine.position;
    this.host.begin();
    const start = this.timeline.checkpoints.first;
    if (start === undefined || !(await this.timeline.goTo(this.timeline.latest, this.host)))
      throw new DebugError('not-now', 'the recording was interrupted');
    const end = machine.position;
    const endHash = machine.stateHash();
    const input = machine.input.entries.slice(start.input?.cursor ?? 0);
    await this.timeline.goTo(present, this.host);
    this.selection.forgetStack();
    return { kernel, commandLine, start, input, end, endHash };
  }

  /**
   * A condition, understood. Its names must be known at one of the places, or where we are when there are none. Throws ExpressionError
   * 'syntax' and 'unknown-name'.
   */
  condition(text: string, places: readonly CodeLocation[] = []): Condition {
    const syntax = parseExpression(text, this.values);
    const { programs } = this.debuggee;
    const isKnown = (name: string): boolean =>
      name in PER_CPU_MEMBERS ||
      (places.length === 0
        ? this.selection.scope.find(name, undefined) !== undefined
        : places.some((place) => seesName(place, name, programs)));
    const unknown = namesIn(syntax).find((name) => !isKnown(name));
    if (unknown !== undefined)
      throw new ExpressionError(
        'unknown-name',
        `nothing there is named ${unknown}, so that '${text}' would never hold`,
      );
    const member = unknownMember(syntax, places, this.values);
    if (member !== undefined) throw member;
    return { text, syntax };
  }

  /** Places by the addresses at which the process that is looked at has them. Throws DebugError 'not-found'. */
  loadedLocations(text: string): CodeLocation[] {
    const { programs } = this.debuggee;
    return this.locations(text).map((place) =>
      loadedPlace(place, programs.inProcess(place.program, this.selection.process)),
    );
  }

  /** Places by the addresses of their files. Throws DebugError 'not-found'. */
  locations(text: string): CodeLocation[] {
    const { level, scope } = this.selection;
    return findLocations(text, {
      programs: this.debuggee.programs,
      program: scope.program,
      file: level?.file,
      line: level?.line,
      address: level?.address,
      evaluate: (expression) => this.values.addressOf(expression),
    });
  }

  addDisplay(expression: string, modifiers: string): Display {
    const display = { number: ++this.#lastDisplay, expression, modifiers };
    this.displays.push(display);
    return display;
  }

  /** Counts an arrival, and says whether it stops the run. */
  #consider(arrival: Arrival): boolean {
    const { point } = arrival;
    if (!this.#holds(arrival)) return false;
    point.hits++;
    if (point.ignore > 0) {
      point.ignore--;
      return false;
    }
    if (arrival.kind !== 'breakpoint') return true;
    const plan = arrival.point.print ?? (arrival.point.isTemporary ? undefined : point.continues);
    if (plan === undefined) return true;
    this.host.print(this.#message(plan, arrival.place));
    return false;
  }

  #message(plan: PrintPlan, place: CodeLocation): string {
    const compiled = this.#compiled.at(place).message(plan);
    if (compiled !== undefined) return compiled;
    // The machine has moved since anything was looked at.
    this.selection.reset();
    return formatMessage(plan, this.values);
  }

  /** Whether a stop point's condition is true here. One that cannot be evaluated stops the run: a person must see it. */
  #holds(arrival: Arrival): boolean {
    const { condition } = arrival.point;
    if (condition === undefined) return true;
    if (arrival.kind === 'breakpoint') {
      const compiled = this.#compiled.at(arrival.place).holds(condition);
      if (compiled !== undefined) return compiled;
    }
    this.selection.reset();
    try {
      const { text, syntax } = condition;
      return this.values.inSpaceOf(text, () => new Evaluator(this.values).truth(syntax));
    } catch (error) {
      if (!isLookError(error)) throw error;
      this.host.print(`the condition '${condition.text}' cannot be evaluated here: ${error.message}\n`);
      return true;
    }
  }
}

/** Errors that say something of the guest, or of what was typed: they belong to the command's answer. */
export function isLookError(error: unknown): error is Error {
  return (
    error instanceof ExpressionError ||
    error instanceof DebugError ||
    error instanceof GuestWriteError ||
    error instanceof KernelError ||
    error instanceof DwarfError
  );
}
