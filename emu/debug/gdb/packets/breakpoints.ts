import type { WatchedAccess } from '../../../cpu/index.ts';
import { parseAddress, parseNumber } from '../hexadecimal.ts';
import { malformed } from '../packet-error.ts';
import type { PacketFamily, PacketHandler } from '../packet-family.ts';
import type { BreakpointType, GdbTarget } from '../target.ts';

const TYPES: readonly (readonly [digit: string, type: BreakpointType])[] = [
  ['0', 'software'],
  ['1', 'hardware'],
];
const WATCHES: readonly (readonly [digit: string, access: WatchedAccess])[] = [
  ['2', 'write'],
  ['3', 'read'],
  ['4', 'access'],
];
/** The longest range that is watched, in bytes. */
const LONGEST_WATCH = 4096;

/** `Z0 z0 Z1 z1` where there are breakpoints, `Z2 z2 Z3 z3 Z4 z4` where there are watchpoints. */
export const breakpointPackets: PacketFamily = {
  features: (target) => (target.breakpoints === undefined ? [] : ['swbreak+', 'hwbreak+']),
  prefixed: (target) => {
    const handlers: Record<string, PacketHandler> = {};
    for (const [digit, type] of TYPES) addBreakpoints(handlers, target, digit, type);
    for (const [digit, access] of WATCHES) addWatchpoints(handlers, target, digit, access);
    return handlers;
  },
};

function addWatchpoints(
  handlers: Record<string, PacketHandler>,
  { watchpoints }: GdbTarget,
  digit: string,
  access: WatchedAccess,
): void {
  if (watchpoints === undefined) return;
  handlers[`Z${digit},`] = (_, argument) => {
    const { address, kind } = place(argument);
    if (kind < 1 || kind > LONGEST_WATCH) throw malformed(`a length from 1 to ${LONGEST_WATCH}`);
    watchpoints.add(access, address, kind);
    return 'OK';
  };
  handlers[`z${digit},`] = (_, argument) => {
    const { address, kind } = place(argument);
    watchpoints.remove(access, address, kind);
    return 'OK';
  };
}

function addBreakpoints(
  handlers: Record<string, PacketHandler>,
  { breakpoints }: GdbTarget,
  digit: string,
  type: BreakpointType,
): void {
  if (breakpoints === undefined) return;
  handlers[`Z${digit},`] = (_, argument) => {
    breakpoints.add(type, place(argument).address);
    return 'OK';
  };
  handlers[`z${digit},`] = (_, argument) => {
    breakpoints.remove(type, place(argument).address);
    return 'OK';
  };
}

/** `ADDRESS,KIND`; conditions and commands were not offered. */
function place(argument: string): { address: bigint; kind: number } {
  const [address, kind, ...rest] = argument.split(',');
  if (rest.length > 0) throw malformed('ADDRESS,KIND');
  return { address: parseAddress(address), kind: parseNumber(kind) };
}
