import { describe, expect, it } from 'vitest';
import { Decoder } from '../../emu/cpu/decode/decoder.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import { FormTable } from '../../emu/cpu/table/forms.ts';

const MAPS: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
/** VEX prefixes of each map, mandatory prefix and operand size, with and without an additional register. */
const VEX = [1, 2, 3].flatMap((map) =>
  Array.from({ length: 16 }, (_, i) => [0xc4, 0xe0 | map, ((i & 4) << 5) | (i & 8 ? 0x60 : 0x78) | (i & 3)]),
);
const PREFIXES: readonly (readonly number[])[] = [
  [],
  [0x66],
  [0x67],
  [0xf2],
  [0xf3],
  [0x66, 0x67],
  [0x66, 0xf3],
];
const REX_WIDE = 0x48;
const MODRMS = Array.from({ length: 16 }, (_, i) => ((i & 7) << 3) | (i >= 8 ? 0xc0 : 0));

describe('the form table', () => {
  it.each([2, 4, 8])('should know before it decodes every form that %i-byte code can need', (codeSize) => {
    const table = new FormTable(instructionTable);
    const decoder = new Decoder(table);
    const known = table.forms.length;
    const missing = new Set<string>();
    for (const map of [...MAPS, ...VEX]) {
      for (const prefixes of map[0] === 0xc4 ? [[], [0x67]] : PREFIXES) {
        for (const rex of codeSize === 8 && map[0] !== 0xc4 ? [[], [REX_WIDE]] : [[]]) {
          for (let opcode = 0; opcode < 256; opcode++) {
            for (const modrm of MODRMS) {
              const bytes = Uint8Array.from([
                ...prefixes,
                ...rex,
                ...map,
                opcode,
                modrm,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
              ]);
              if (!decoder.decode(bytes, 0, bytes.length, { codeSize })) continue;
              const { form } = decoder.decoded;
              if (form.index >= known) missing.add(form.key);
            }
          }
        }
      }
    }
    expect([...missing]).toEqual([]);
  });
});
