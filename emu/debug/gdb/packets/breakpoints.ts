import { parseAddress, parseNumber } from '../hexadecimal.ts';
import { malformed } from '../packet-error.ts';
import type { PacketFamily, PacketHandler } from '../packet-family.ts';
import type { BreakpointType, GdbTarget } from '../target.ts';

const TYPES: readonly (readonly [digit: string, type: BreakpointType])[] = [
  ['0', 'software'],
  ['1', 'hardware'],
];
/** The longest range that is watched, in bytes. */
const LONGEST_WATCH = 4096;

/** `Z0 z0 Z1 z1` where there are breakpoints, `Z2 z2` where there are watchpoints; read and access watchpoints there are none. */
export const breakpointPackets: PacketFamily = {
  features: (target) => (target.breakpoints === undefined ? [] : ['swbreak+', 'hwbreak+']),
  prefixed: (target) => {
    const handlers: Record<string, PacketHandler> = {};
    for (const [digit, type] of TYPES) addBreakpoints(handlers, target, digit, type);
    const { watchpoints } = target;
    if (watchpoints !== undefined) {
      handlers['Z2,'] = (_, argument) => {
        const { address, kind } = place(argument);
        if (kind < 1 || kind > LONGEST_WATCH) throw malformed(`a length from 1 to ${LONGEST_WATCH}`);
        watchpoints.add(address, kind);
        return 'OK';
      };
      handlers['z2,'] = (_, argument) => {
        const { address, kind } = place(argument);
        watchpoints.remove(address, kind);
        return 'OK';
      };
    }
    return handlers;
  },
};

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
