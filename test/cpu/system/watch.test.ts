import { describe, expect, it } from 'vitest';
import type { Cpu, WatchedAccess, WatchedRange } from '../../../emu/cpu/index.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import { hashProcessorState } from '../../../emu/machine/architectural-state.ts';
import { StateHash } from '../../../emu/machine/hash.ts';
import { CODE, DATA, flatProcessor, resetFlat, STACK } from '../support/flat-processor.ts';

const RAX = layout.GPR;
const RCX = layout.GPR + 8;
const RBX = layout.GPR + 3 * 8;
const RSI = layout.GPR + 6 * 8;
const RDI = layout.GPR + 7 * 8;
const PAGE = 4096;

const MOV_RBX_EAX = [0x89, 0x03];
const MOV_EAX_RBX = [0x8b, 0x03];
const INC_DWORD_RBX = [0xff, 0x03];
const PUSH_RAX = [0x50];
const REP_MOVSB = [0xf3, 0xa4];
const NOP = [0x90];
/** DEC ECX; JNZ back over it and `bytes` bytes before it. */
const loopOver = (bytes: number): number[] => [0xff, 0xc9, 0x75, (-4 - bytes) & 0xff];

function program(code: readonly number[], ring: 0 | 3 = 3): Cpu {
  const cpu = flatProcessor(ring);
  load(cpu, code);
  cpu.state.set64(RBX, BigInt(DATA));
  return cpu;
}

function load(cpu: Cpu, code: readonly number[]): void {
  cpu.state.ram.set(code, CODE);
  cpu.memoryWritten(CODE, code.length);
}

const linear = (address: number, length: number, access: WatchedAccess): WatchedRange => ({
  space: 'linear',
  address: BigInt(address),
  length,
  access,
});

function hashOf(cpu: Cpu): string {
  const hash = new StateHash();
  hash.integer(cpu.position);
  hashProcessorState(hash, cpu.state);
  hash.pages(cpu.state.ram);
  return hash.digest();
}

describe('watched memory', () => {
  it.each<[string, readonly number[], WatchedAccess, readonly ('read' | 'write')[]]>([
    ['a store', MOV_RBX_EAX, 'write', ['write']],
    ['a store', MOV_RBX_EAX, 'read', []],
    ['a store', MOV_RBX_EAX, 'access', ['write']],
    ['a load', MOV_EAX_RBX, 'read', ['read']],
    ['a load', MOV_EAX_RBX, 'write', []],
    ['a read-modify-write', INC_DWORD_RBX, 'write', ['write']],
    ['a read-modify-write', INC_DWORD_RBX, 'read', ['read']],
    ['a read-modify-write', INC_DWORD_RBX, 'access', ['write', 'read']],
  ])('should see %s %j to memory watched for %s', (_, code, access, kinds) => {
    const cpu = program([...NOP, ...code, ...NOP, ...NOP]);
    cpu.setWatchedRanges([linear(DATA + 3, 1, access)]);
    const reason = cpu.run(4);
    expect(cpu.watchHits.map(({ kind }) => kind)).toEqual(kinds);
    if (kinds.length === 0) {
      expect([reason, cpu.position]).toEqual(['budget', 4]);
      return;
    }
    expect([reason, cpu.position]).toEqual(['watchpoint', 2]);
    expect(cpu.watchHits[0]).toMatchObject({ address: BigInt(DATA), size: 4, instruction: BigInt(CODE + 1) });
    expect(cpu.state.get64(layout.RIP)).toBe(BigInt(CODE + 1 + code.length));
    expect([cpu.run(2), cpu.position]).toEqual(['budget', 4]);
    expect(cpu.watchHits).toEqual([]);
  });

  it('should see what the page had in its TLB before it was watched, and not after', () => {
    const cpu = program([...MOV_RBX_EAX, ...loopOver(2)]);
    cpu.state.set64(RCX, 1000n);
    expect(cpu.run(30)).toBe('budget');
    cpu.setWatchedRanges([linear(DATA, 4, 'write')]);
    expect([cpu.run(30), cpu.position]).toEqual(['watchpoint', 31]);
    expect([cpu.run(30), cpu.position]).toEqual(['watchpoint', 34]);
    cpu.setWatchedRanges([]);
    expect([cpu.run(30), cpu.position]).toEqual(['budget', 64]);
  });

  it('should leave other bytes of the page alone', () => {
    const cpu = program([...MOV_RBX_EAX, ...NOP]);
    cpu.setWatchedRanges([linear(DATA + 4, 4, 'access'), linear(DATA - 1, 1, 'access')]);
    expect(cpu.run(2)).toBe('budget');
  });

  it('should see both parts of an access across two pages', () => {
    const cpu = program(MOV_RBX_EAX);
    cpu.state.set64(RBX, BigInt(DATA + PAGE - 1));
    cpu.setWatchedRanges([linear(DATA + PAGE + 2, 1, 'write'), linear(DATA, PAGE, 'write')]);
    expect(cpu.run(1)).toBe('watchpoint');
    expect(cpu.watchHits.map(({ address, size }) => [Number(address), size])).toEqual([
      [DATA + PAGE - 1, 1],
      [DATA + PAGE, 3],
    ]);
  });

  it('should see an access by its physical address too', () => {
    const cpu = program(MOV_RBX_EAX);
    cpu.setWatchedRanges([{ space: 'physical', address: BigInt(DATA), length: 1, access: 'access' }]);
    expect(cpu.run(1)).toBe('watchpoint');
    expect(cpu.watchHits).toMatchObject([{ kind: 'write', address: BigInt(DATA) }]);
  });

  it('should see a range of many pages and one that ends with memory', () => {
    const cpu = program([...MOV_RBX_EAX, ...PUSH_RAX]);
    cpu.setWatchedRanges([
      linear(DATA - 0x100_0000 > 0 ? DATA - 0x1000 : 0, 0x1000 + STACK, 'write'),
      { space: 'linear', address: 2n ** 64n - 16n, length: 16, access: 'access' },
    ]);
    expect([cpu.run(5), cpu.position]).toEqual(['watchpoint', 1]);
    expect([cpu.run(5), cpu.position]).toEqual(['watchpoint', 2]);
    expect(cpu.watchHits).toMatchObject([{ address: BigInt(STACK - 8), size: 8 }]);
  });

  it('should stop after the iteration that meets it', () => {
    const cpu = program([...REP_MOVSB, ...NOP]);
    cpu.state.set64(RSI, BigInt(DATA));
    cpu.state.set64(RDI, BigInt(DATA + PAGE));
    cpu.state.set64(RCX, 20n);
    cpu.setWatchedRanges([linear(DATA + 4, 1, 'read'), linear(DATA + PAGE + 19, 1, 'write')]);
    expect([cpu.run(100), cpu.position]).toEqual(['watchpoint', 5]);
    expect(cpu.state.get64(RCX)).toBe(15n);
    expect(cpu.state.get64(layout.RIP)).toBe(BigInt(CODE));
    expect([cpu.run(15), cpu.position]).toEqual(['watchpoint', 20]);
    expect(cpu.state.get64(layout.RIP)).toBe(BigInt(CODE + 2));
  });

  it('should forget the accesses of an instruction that faults', () => {
    const cpu = program([0xff, 0x33]); // push [rbx]
    cpu.state.set64(layout.GPR + 4 * 8, 0xffff_8000_0000_0000n);
    cpu.setWatchedRanges([linear(DATA, 8, 'read')]);
    expect(cpu.run(1)).toBe('shutdown');
    expect(cpu.watchHits).toEqual([]);
  });

  it('should take the same course with and without, in slices of any length', () => {
    const code = [...MOV_RBX_EAX, ...INC_DWORD_RBX, ...PUSH_RAX, 0x58, ...MOV_EAX_RBX, ...loopOver(8)];
    const cpu = program(code);
    const hashes = (watched: boolean, slice: number): string[] => {
      resetFlat(cpu);
      cpu.state.ram.fill(0, DATA, STACK);
      cpu.state.set64(RBX, BigInt(DATA));
      cpu.state.set64(RCX, 50n);
      cpu.setWatchedRanges(
        watched
          ? [linear(DATA + 2, 1, 'access'), linear(STACK - 8, 4, 'read'), linear(0x1000, 0x3000, 'access')]
          : [],
      );
      const found: string[] = [];
      let hits = 0;
      for (const position of [7, 70, 200, 333]) {
        while (cpu.position < position) {
          if (cpu.run(Math.min(slice, position - cpu.position)) === 'watchpoint') hits++;
        }
        found.push(hashOf(cpu));
      }
      expect(hits > 0).toBe(watched);
      return found;
    };
    const wanted = hashes(false, 1000);
    for (const slice of [1, 7, 1000]) expect(hashes(true, slice)).toEqual(wanted);
  });

  it('should be independent of the guest that reads it back from its page tables', () => {
    // The leaf entry is at 0x3000 + 8: 2 MiB pages; A and D are set once, and stay clear after the program clears them.
    const entry = 0x3000 + 8;
    const clear = [0x80, 0x24, 0x25, entry & 0xff, entry >> 8, 0, 0, 0x9f]; // and byte [entry], ~0x60
    const cpu = program([...MOV_RBX_EAX, ...clear, ...MOV_RBX_EAX, ...NOP], 0);
    const run = (watched: boolean): number => {
      resetFlat(cpu, 0);
      cpu.state.u8[layout.RAM + entry] = 0x87;
      cpu.state.set64(RBX, BigInt(DATA));
      cpu.setWatchedRanges(watched ? [linear(DATA, 4, 'access')] : []);
      while (cpu.position < 4) cpu.run(4 - cpu.position);
      return cpu.state.u8[layout.RAM + entry] as number;
    };
    expect(run(false)).toBe(0x87);
    expect(run(true)).toBe(0x87);
  });
});

describe("the guest's breakpoints and the host's", () => {
  const armed = (code: readonly number[], dr7: number, address: number): Cpu => {
    const cpu = program(code, 0);
    cpu.state.set64(layout.DR0, BigInt(address));
    cpu.state.set64(layout.DR7, BigInt(dr7));
    cpu.flush();
    return cpu;
  };

  it('should stop for the host before the guest has its exception', () => {
    const cpu = armed([...NOP, ...NOP, ...NOP], 0x402, CODE + 1);
    cpu.setBreakpoints([BigInt(CODE + 1)]);
    expect([cpu.run(9), cpu.position]).toEqual(['breakpoint', 1]);
    // There is no IDT: the exception is the end.
    expect(cpu.run(9)).toBe('shutdown');
    expect(cpu.state.get32(layout.DR6) & 0xf).toBe(1);
  });

  it('should hold back a data breakpoint that a load of SS meets until the instruction after it', () => {
    // mov ss, [rbx]; mov eax, [rbx]; nop
    const cpu = armed([0x8e, 0x13, ...NOP, ...NOP], 0x3_0402, DATA);
    cpu.state.u8[layout.RAM + DATA] = 0;
    expect(cpu.run(1)).toBe('budget');
    expect(cpu.state.get32(layout.DEBUG_PENDING)).toBe(1);
    expect([cpu.run(1), cpu.position]).toEqual(['shutdown', 2]);
    expect(cpu.state.get32(layout.DR6) & 0xf).toBe(1);
  });

  it('should raise the exception of a call before that of the code that is not there', () => {
    // call rax; the return address is watched, and the target is not mapped.
    const cpu = armed([0xff, 0xd0], 0x1_0402, STACK - 8);
    cpu.state.set64(RAX, 0x7000_0000n);
    cpu.state.set64(layout.CR2, 0x1234n);
    expect(cpu.run(1)).toBe('shutdown');
    expect(cpu.state.get32(layout.DR6) & 0xf).toBe(1);
    expect(cpu.state.get64(layout.CR2)).toBe(0x1234n);
    expect(cpu.state.get64(layout.RIP)).toBe(0x7000_0000n);
  });

  it('should not stop again within an instruction that is repeated', () => {
    const cpu = program([...REP_MOVSB, ...NOP]);
    cpu.state.set64(RSI, BigInt(DATA));
    cpu.state.set64(RDI, BigInt(DATA + PAGE));
    cpu.state.set64(RCX, 20n);
    cpu.setBreakpoints([BigInt(CODE)]);
    expect(cpu.run(5)).toBe('breakpoint');
    const stops = Array.from({ length: 20 }, () => cpu.run(1));
    expect(new Set(stops)).toEqual(new Set(['budget']));
    expect(cpu.position).toBe(20);
  });
});
