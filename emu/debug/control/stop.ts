import type { MachineStop } from '../../machine/index.ts';
import type { CValue } from '../expressions/index.ts';
import type { Arrival } from '../stops/arming.ts';

/** Why the debugger has the machine again. */
export type StopReason =
  /** What was asked for is done. */
  | 'done'
  /** At one or more stop points: `arrivals`. */
  | 'stopPoint'
  /** The function has returned: `returned`. */
  | 'returned'
  /** Going back: there is nothing earlier. */
  | 'historyBegin'
  /** Going forward in a recording: there is nothing later. */
  | 'historyEnd'
  | 'interrupted'
  /** The guest waits for input, and there is none. */
  | 'waiting'
  /** The machine has ended: `machine` says how. */
  | 'ended'
  /** The steps that it may take are used up. */
  | 'limit';

/** What a function returned. */
export interface Returned {
  readonly name: string;
  /** undefined for a function that returns nothing, or what no register holds. */
  readonly value: CValue | undefined;
}

export interface Stop {
  readonly reason: StopReason;
  readonly arrivals: readonly Arrival[];
  /** What a person should know besides: an interrupt that was entered, or ran meanwhile. */
  readonly notes: readonly string[];
  readonly machine: MachineStop | undefined;
  readonly returned: Returned | undefined;
}

export function stopOf(reason: StopReason, more: Partial<Omit<Stop, 'reason'>> = {}): Stop {
  return { arrivals: [], notes: [], machine: undefined, returned: undefined, ...more, reason };
}
