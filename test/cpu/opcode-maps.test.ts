import { describe, expect, it } from 'vitest';
import { Decoder } from '../../emu/cpu/decode/decoder.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import * as layout from '../../emu/cpu/layout.ts';
import type { UnimplementedInstruction } from '../../emu/cpu/processor.ts';
import { FormTable } from '../../emu/cpu/table/forms.ts';
import { CODE, DATA, flatProcessor, resetFlat } from './support/flat-processor.ts';

const PREFIXES: readonly (readonly number[])[] = [[], [0x66], [0xf2], [0xf3]];
const prefixed = (opcode: readonly number[]): number[][] => PREFIXES.map((prefix) => [...prefix, ...opcode]);
/** A VEX prefix without additional register for a map, with each mandatory prefix that it can stand for. */
const vex = (map: number): number[][] => [0, 1, 2, 3].map((prefix) => [0xc4, 0xe0 | map, 0x78 | prefix]);

/** A map's name and what can lead to it. */
const MAPS: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  ['one-byte', prefixed([])],
  ['0F', prefixed([0x0f])],
  ['0F 38', prefixed([0x0f, 0x38])],
  ['0F 3A', prefixed([0x0f, 0x3a])],
  ['VEX 0F', vex(1)],
  ['VEX 0F 38', vex(2)],
  ['VEX 0F 3A', vex(3)],
];
const MODRMS = [
  0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38, 0xc0, 0xc8, 0xd0, 0xd8, 0xe0, 0xe8, 0xf0, 0xf8,
];

/** Opcode bytes that lead to another map, or are prefixes, and so are no instruction of the one-byte map. */
const NOT_OPCODES = new Set([
  0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3,
]);
const isRex = (opcode: number): boolean => (opcode & 0xf0) === 0x40;

describe('the opcode maps', () => {
  const cpu = flatProcessor(0);
  const decoder = new Decoder(new FormTable(instructionTable));

  it.each(MAPS)(
    'should raise #UD and name the address for each encoding of the %s map that no row implements',
    (name, leading) => {
      let unimplemented = 0;
      let implemented = 0;
      for (let opcode = 0; opcode < 256; opcode++) {
        if (name === 'one-byte' && (NOT_OPCODES.has(opcode) || isRex(opcode))) continue;
        if (name === '0F' && (opcode === 0x38 || opcode === 0x3a)) continue;
        for (const lead of leading) {
          // The three-byte maps have no group opcodes: one memory and one register operand will do.
          for (const modrm of name.endsWith('0F') || name === 'one-byte' ? MODRMS : [0x00, 0xc0]) {
            const bytes = Uint8Array.from([...lead, opcode, modrm, 0, 0, 0, 0, 0, 0, 0, 0]);
            if (decoder.decode(bytes, 0, bytes.length, { codeSize: 8 })) {
              implemented++;
              continue;
            }
            unimplemented++;
            const told: UnimplementedInstruction[] = [];
            resetFlat(cpu, 0);
            cpu.onUnimplemented = (instruction) => told.push(instruction);
            cpu.state.set64(layout.GPR, BigInt(DATA));
            cpu.state.ram.set(bytes, CODE);
            cpu.memoryWritten(CODE, bytes.length);
            const registers = cpu.state.u8.slice(layout.GPR, layout.ZERO);
            // There is no IDT: delivering #UD double-faults and shuts the processor down at the instruction.
            expect(cpu.run(1)).toBe('shutdown');
            expect(told.map(({ address }) => address)).toEqual([BigInt(CODE)]);
            expect(cpu.state.u8.slice(layout.GPR, layout.ZERO)).toEqual(registers);
          }
        }
      }
      expect(implemented + unimplemented).toBeGreaterThan(0);
      if (name === 'one-byte' || name === '0F') expect(implemented).toBeGreaterThan(1000);
    },
  );
});
