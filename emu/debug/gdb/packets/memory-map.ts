import { objectPart } from '../object-part.ts';
import type { PacketFamily } from '../packet-family.ts';
import type { AddressRange } from '../target.ts';

/** `qXfer:memory-map:read`: where memory may be at all (GDB manual, "Memory Map Format"). gdb asks for nothing outside of it. */
export const memoryMapPackets: PacketFamily = {
  features: ({ memory }) => (memory.ranges === undefined ? [] : ['qXfer:memory-map:read+']),
  prefixed: ({ memory: { ranges } }) =>
    ranges === undefined
      ? {}
      : { 'qXfer:memory-map:read::': (_, argument) => objectPart(memoryMap(ranges), argument) },
};

function memoryMap(ranges: readonly AddressRange[]): string {
  const regions = ranges.map(
    ({ start, size }) =>
      `<memory type="ram" start="0x${start.toString(16)}" length="0x${size.toString(16)}"/>\n`,
  );
  return `<?xml version="1.0"?>
<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
<memory-map>
${regions.join('')}</memory-map>
`;
}
