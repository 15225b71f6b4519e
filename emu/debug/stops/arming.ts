import type { WatchHit } from '../../cpu/index.ts';
import { KERNEL_HALF, type KernelEvent, type KernelTracer, type View } from '../../kernel/index.ts';
import type { BreakpointVerdict } from '../../machine/index.ts';
import type { Program } from '../programs/program.ts';
import { attempt } from '../programs/programs.ts';
import type { Debuggee } from '../session/debuggee.ts';
import { type CodeLocation, loadedPlace } from './location.ts';
import type { Breakpoint, Catchpoint, StopPoint, Watchpoint } from './stop-points.ts';

/** A stop point that the run has come to. `position` is that of the instruction: before it for a breakpoint, of the access for a watchpoint. */
export type Arrival = { readonly position: number } & (
  | { readonly kind: 'breakpoint'; readonly point: Breakpoint; readonly place: CodeLocation }
  | {
      readonly kind: 'watchpoint';
      readonly point: Watchpoint;
      readonly hit: WatchHit;
      readonly before: Uint8Array | undefined;
      readonly after: Uint8Array | undefined;
    }
  | { readonly kind: 'catchpoint'; readonly point: Catchpoint; readonly event: KernelEvent }
);

export type OnArrival = (arrival: Arrival) => BreakpointVerdict;

/** What stop points are armed in. */
export interface ArmingContext {
  readonly debuggee: Debuggee;
  readonly tracer: KernelTracer;
  /** Memory of an address space (CR3; the processor's when none is given) whatever its permissions; undefined where nothing is mapped. */
  read(address: bigint, size: number, space?: bigint): Uint8Array | undefined;
  /** Who quickly knows whether the process that runs executes a place's program; he may say that he does not, by undefined. */
  runs?(place: CodeLocation): () => boolean | undefined;
}

/** Puts stop points into the machine, until the returned function is called. */
export function armStopPoints(
  points: readonly StopPoint[],
  context: ArmingContext,
  arrive: OnArrival,
): () => void {
  const removals: (() => void)[] = [];
  for (const point of points) {
    if (!point.isEnabled) continue;
    switch (point.kind) {
      case 'breakpoint':
        removals.push(...armBreakpoint(point, context, arrive));
        break;
      case 'watchpoint':
        removals.push(armWatchpoint(point, context, arrive));
        break;
      case 'catchpoint':
        removals.push(...armCatchpoint(point, context, arrive));
        break;
    }
  }
  return () => {
    for (const remove of removals) remove();
  };
}

function armBreakpoint(point: Breakpoint, context: ArmingContext, arrive: OnArrival): (() => void)[] {
  return point.places.flatMap((place) =>
    place.program.isRelocatable
      ? armWhereLoaded(point, place, context, arrive)
      : armPlaces(point, [place], context, arrive),
  );
}

/** A place of a position-independent program: where the processes have it that run it, and where those will have it that come to run it. */
function armWhereLoaded(
  point: Breakpoint,
  place: CodeLocation,
  context: ArmingContext,
  arrive: OnArrival,
): (() => void)[] {
  const { kernel, programs } = context.debuggee;
  const armed = new Map<Program, () => void>();
  const look = (process: View): void => {
    const loaded = attempt(() =>
      programs.of(process) === place.program ? programs.loaded(process) : undefined,
    );
    if (loaded === undefined || armed.has(loaded)) return;
    const [remove] = armPlaces(point, [loadedPlace(place, loaded)], context, arrive);
    if (remove !== undefined) armed.set(loaded, remove);
  };
  const lookAtAll = (): void => {
    for (const process of attempt(() => [...kernel.processes()]) ?? []) look(process);
  };
  lookAtAll();
  // After a journey in time other processes may be there, which a new one tells early enough.
  const forget = context.tracer.listen('proc:exec', lookAtAll);
  return [
    () => {
      forget();
      for (const remove of armed.values()) remove();
    },
  ];
}

function armPlaces(
  point: Breakpoint,
  places: readonly CodeLocation[],
  context: ArmingContext,
  arrive: OnArrival,
): (() => void)[] {
  const { debuggee } = context;
  const { machine, programs } = debuggee;
  return places.map((place) => {
    const { program, address } = place;
    const isKernels = address >= KERNEL_HALF || program === programs.kernel;
    const runs = isKernels ? undefined : context.runs?.(place);
    return machine.breakpoints.add(address, () => {
      // The same address means something else in a process that runs another program.
      if (!isKernels && !(runs?.() ?? programs.at(address) === program)) return 'continue';
      return arrive({ kind: 'breakpoint', point, place, position: machine.position });
    });
  });
}

function armWatchpoint(point: Watchpoint, { debuggee, read }: ArmingContext, arrive: OnArrival): () => void {
  const { machine, kernel } = debuggee;
  const { address, size, access, space } = point;
  const look = (): Uint8Array | undefined => read(address, size, space);
  let value = look();
  return machine.watchpoints.add({ space: 'linear', address, length: size, access }, (hit) => {
    if (space !== undefined && kernel.registers.get('cr3') !== space) return 'continue';
    const before = value;
    value = look();
    // Writing what was there already is no change.
    if (access === 'write' && sameBytes(before, value)) return 'continue';
    return arrive({ kind: 'watchpoint', point, hit, before, after: value, position: machine.position - 1 });
  });
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.every((byte, index) => byte === b[index]);
}

function armCatchpoint(
  point: Catchpoint,
  { debuggee, tracer }: ArmingContext,
  arrive: OnArrival,
): (() => void)[] {
  const { machine } = debuggee;
  return point.events.map((name) =>
    tracer.listen(name, (event) => {
      if (!point.matches(event)) return;
      if (arrive({ kind: 'catchpoint', point, event, position: machine.position }) === 'stop')
        tracer.probes.pause();
    }),
  );
}
