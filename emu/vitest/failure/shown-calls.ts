import {
  TextTraceWriter,
  type TraceCall,
  type TraceLeave,
  type TraceVisitor,
} from '../../debug/trace/index.ts';
import { errorName } from '../../kernel/index.ts';
import type { HappenedFault } from '../faults/faults.ts';

const POSITION_WIDTH = 11;
/** Functions of the kernel whose result is 0 or an error. */
const RETURNS_ERROR = /^(sys_\w+|fork1|fork_check_\w+|dowait4)$/;

/** A trace as text, with the kernel's errors by their names. */
export class ShownCalls extends TextTraceWriter implements TraceVisitor {
  override leave(call: TraceCall, leave: TraceLeave): void {
    const { result } = leave;
    const error =
      call.kind === 'function' && RETURNS_ERROR.test(call.name) && result !== undefined && result.value !== 0n
        ? errorName(Number(BigInt.asIntN(32, result.value)))
        : undefined;
    super.leave(
      call,
      error === undefined || result === undefined ? leave : { ...leave, result: { ...result, text: error } },
    );
  }
}

/** Ends of calls that a trace's end has cut off: their beginnings stand above, and have none. */
const CUT_OFF = /\} .* \(has not returned\)$/;

/** A trace's lines with the faults that happened meanwhile among them, and without what says nothing. */
export function withFaults(lines: readonly string[], faults: readonly HappenedFault[]): string[] {
  const rest = [...faults];
  const dueBefore = (position: number): string[] => {
    const due: string[] = [];
    while (rest[0] !== undefined && rest[0].position <= position)
      due.push(faultLine(rest.shift() as HappenedFault));
    return due;
  };
  const shown = lines
    .filter((line) => !CUT_OFF.test(line))
    .flatMap((line) => {
      const position = Number.parseInt(line, 10);
      return Number.isNaN(position) ? [line] : [...dueBefore(position), line];
    });
  return [...shown, ...rest.map(faultLine)];
}

function faultLine({ position, what }: HappenedFault): string {
  return `${String(position).padStart(POSITION_WIDTH)}  (fault) ${what}`;
}
