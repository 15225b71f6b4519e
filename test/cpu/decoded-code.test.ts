import { describe, expect, it } from 'vitest';
import { Cpu, layout, State } from '../../emu/cpu/index.ts';
import { setFlat64 } from '../../emu/cpu/system/reset.ts';

const MEMORY = 0x10_0000;
const PRESENT_WRITABLE = 3n;
const TABLES = [0x1000, 0x2000, 0x3000, 0x4000] as const;
const LEAVES = TABLES[3];
/** Physical pages of code and of what follows it. */
const CODE = 0x1_0000;
const SECOND = 0x1_1000;
const OTHER_SECOND = 0x1_2000;
const OTHER = 0x1_3000;
/** Linear pages. */
const HERE = 0x4_0000n;
const THERE = 0x5_0000n;

const NOP = 0x90;
const INC_EAX = [0xff, 0xc0];
const DEC_EAX = [0xff, 0xc8];
/** INC EAX; JMP to it. */
const LOOP = [...INC_EAX, 0xeb, 0xfc];
const MOV_EAX = 0xb8;

/** A processor in 64-bit ring 0 with paging, without devices. */
class Bench {
  readonly state = new State(MEMORY);
  readonly cpu: Cpu;

  constructor() {
    const bus = {
      portRead: () => 0,
      portWrite: () => {},
      memoryRead: () => 0,
      memoryWrite: () => {},
      acknowledgeInterrupt: () => 0,
      timeStampCounter: (): [number, number] => [0, 0],
    };
    this.cpu = new Cpu({ state: this.state, bus });
    setFlat64(this.state, { ring: 0, cr3: TABLES[0], rip: HERE, rsp: 0n });
    this.state.set32(layout.ONE, 1);
    TABLES.slice(1).forEach((table, index) => {
      this.state.set64(layout.RAM + (TABLES[index] as number), BigInt(table) | PRESENT_WRITABLE);
    });
    this.cpu.flush();
  }

  /** Maps a linear page without telling the processor. */
  map(linear: bigint, physical: number): this {
    this.state.set64(layout.RAM + LEAVES + Number(linear >> 12n) * 8, BigInt(physical) | PRESENT_WRITABLE);
    return this;
  }

  write(physical: number, bytes: readonly number[]): this {
    this.state.ram.set(bytes, physical);
    this.cpu.memoryWritten(physical, bytes.length);
    return this;
  }

  goTo(linear: bigint): this {
    this.state.set64(layout.RIP, linear);
    return this;
  }

  get rax(): bigint {
    return this.state.get64(layout.GPR);
  }
}

describe('decoded instructions', () => {
  it('should stay when translations are dropped, and go when their bytes are written', () => {
    const bench = new Bench().map(HERE, CODE).write(CODE, LOOP);
    bench.cpu.run(20);
    expect(bench.rax).toBe(10n);
    // Behind the processor's back: what is decoded stands.
    bench.state.ram[CODE + 1] = 0xc8;
    bench.cpu.flushTranslations();
    bench.cpu.run(20);
    expect(bench.rax).toBe(20n);
    bench.cpu.memoryWritten(CODE + 1, 1);
    bench.cpu.run(10);
    expect(bench.rax).toBe(15n);
  });

  it('should be those of the page that a linear address has now when an instruction crosses into it', () => {
    const bench = new Bench()
      .map(HERE, CODE)
      .map(HERE + 0x1000n, SECOND)
      .write(CODE + 0xffe, [MOV_EAX, 1])
      .write(SECOND, [0, 0, 0, NOP])
      .write(OTHER_SECOND, [1, 0, 0, NOP]);
    const crossing = HERE + 0xffen;
    const before = bench.state.u8.slice(0, layout.STATE_END);
    const runs = [SECOND, OTHER_SECOND, SECOND, OTHER_SECOND].map((second) => {
      // What a restored snapshot does: an old state page, other page tables, translations dropped.
      bench.state.u8.set(before, 0);
      bench
        .map(HERE + 0x1000n, second)
        .goTo(crossing)
        .cpu.flushTranslations();
      bench.cpu.run(1);
      return bench.rax;
    });
    expect(runs).toEqual([1n, 0x101n, 1n, 0x101n]);
  });

  it('should be fetched from where a page lies after its INVLPG', () => {
    const invlpg = [0x0f, 0x01, 0x38];
    const bench = new Bench()
      .map(HERE, CODE)
      .map(THERE, SECOND)
      .write(CODE, [...invlpg, NOP])
      .write(SECOND, [MOV_EAX, 1, 0, 0, 0])
      .write(OTHER_SECOND, [MOV_EAX, 2, 0, 0, 0]);
    bench.goTo(THERE).cpu.run(1);
    bench.map(THERE, OTHER_SECOND);
    bench.goTo(THERE).cpu.run(1);
    expect(bench.rax).toBe(1n);
    bench.state.set64(layout.GPR, THERE);
    bench.goTo(HERE).cpu.run(2);
    bench.goTo(THERE).cpu.run(1);
    expect(bench.rax).toBe(2n);
  });

  it('should be those of the second page after its INVLPG when an instruction crosses', () => {
    const bench = new Bench()
      .map(HERE, CODE)
      .map(HERE + 0x1000n, SECOND)
      .map(THERE, OTHER)
      .write(CODE + 0xffe, [MOV_EAX, 1])
      .write(SECOND, [0, 0, 0, NOP])
      .write(OTHER_SECOND, [1, 0, 0, NOP])
      .write(OTHER, [0x0f, 0x01, 0x38]);
    const invalidate = (page: bigint): void => {
      bench.state.set64(layout.GPR, page);
      bench.goTo(THERE).cpu.run(1);
    };
    const run = (): bigint => {
      bench.goTo(HERE + 0xffen).cpu.run(1);
      return bench.rax;
    };
    expect(run()).toBe(1n);
    // Another page's: the instruction stands.
    invalidate(THERE);
    expect(run()).toBe(1n);
    bench.map(HERE + 0x1000n, OTHER_SECOND);
    invalidate(HERE + 0x1000n);
    expect(run()).toBe(0x101n);
  });

  it('should be decoded as they are, though they begin as others did elsewhere', () => {
    const increments = [INC_EAX, INC_EAX, INC_EAX, INC_EAX, INC_EAX].flat();
    const bench = new Bench()
      .map(HERE, CODE)
      .map(THERE, SECOND)
      .write(CODE, [...increments, ...LOOP])
      .write(SECOND, [...increments, ...DEC_EAX, NOP]);
    bench.goTo(HERE).cpu.run(6);
    expect(bench.rax).toBe(6n);
    bench.goTo(THERE).cpu.run(6);
    expect(bench.rax).toBe(10n);
  });

  it('should go when the program writes over them, also where the same bytes were seen before', () => {
    const bench = new Bench().map(HERE, CODE).map(THERE, SECOND).write(CODE, LOOP).write(SECOND, LOOP);
    bench.goTo(HERE).cpu.run(4);
    bench.goTo(THERE).cpu.run(4);
    expect(bench.rax).toBe(4n);
    const at = bench.cpu.system.mmu.writeSlow(Number(THERE), 0, 2, 0);
    bench.state.u8.set(DEC_EAX, at);
    bench.goTo(THERE).cpu.run(4);
    expect(bench.rax).toBe(2n);
    bench.goTo(HERE).cpu.run(4);
    expect(bench.rax).toBe(4n);
  });

  it('should not outlive their translations in the TLBs', () => {
    const bench = new Bench().map(HERE, CODE).map(THERE, SECOND).write(CODE, LOOP);
    const { mmu } = bench.cpu.system;
    const [low, high] = [Number(THERE), 0];
    mmu.writeSlow(low, high, 4, 0);
    expect(mmu.tlb.lookup(low, high, false, true)).toBe(layout.RAM + SECOND);
    bench.cpu.flushTranslations();
    expect(mmu.tlb.lookup(low, high, false, true)).toBe(0);
    expect(mmu.tlb.lookup(low, high, false, false)).toBe(0);
  });

  it('should never see a fetch generation twice, whatever state is put back', () => {
    const bench = new Bench().map(HERE, CODE).write(CODE, LOOP);
    const before = bench.state.u8.slice(0, layout.STATE_END);
    const seen = Array.from({ length: 5 }, () => {
      bench.state.u8.set(before, 0);
      bench.cpu.flushTranslations();
      return bench.state.get32(layout.FETCH_GENERATION);
    });
    expect(new Set(seen).size).toBe(5);
  });
});

describe('a breakpoint', () => {
  const bench = (): Bench => new Bench().map(HERE, CODE).map(THERE, CODE).write(CODE, LOOP);

  it('should be at its linear address alone, however often the page is entered through another', () => {
    const one = bench();
    one.cpu.setBreakpoints([THERE + 2n]);
    for (let round = 0; round < 3; round++) {
      expect(one.goTo(HERE).cpu.run(10)).toBe('budget');
      expect(one.goTo(THERE).cpu.run(10)).toBe('breakpoint');
      expect(one.cpu.linearInstructionPointer()).toBe(THERE + 2n);
    }
  });

  it('should be reached where the same bytes were decoded before without it', () => {
    const one = new Bench().map(HERE, CODE).map(THERE, SECOND).write(CODE, LOOP).write(SECOND, LOOP);
    one.goTo(HERE).cpu.run(10);
    one.cpu.setBreakpoints([THERE + 2n]);
    expect(one.goTo(THERE).cpu.run(10)).toBe('breakpoint');
    expect(one.goTo(HERE).cpu.run(10)).toBe('budget');
  });

  it('should hold when it is set on a page decoded through both addresses', () => {
    const one = bench();
    one.goTo(THERE).cpu.run(10);
    one.goTo(HERE).cpu.run(10);
    one.cpu.setBreakpoints([THERE + 2n]);
    expect(one.goTo(HERE).cpu.run(10)).toBe('budget');
    expect(one.goTo(THERE).cpu.run(10)).toBe('breakpoint');
    one.cpu.setBreakpoints([]);
    expect(one.goTo(THERE).cpu.run(10)).toBe('budget');
  });

  it('should not be seen through another address when its instruction was first decoded after it was set', () => {
    // Both addresses are known, but what the jump leads to is not decoded yet.
    const one = bench()
      .write(CODE, [0xeb, 0x0e])
      .write(CODE + 0x10, LOOP);
    one.write(CODE + 0x20, [NOP]);
    one.goTo(HERE + 0x20n).cpu.run(1);
    one.goTo(THERE + 0x20n).cpu.run(1);
    one.cpu.setBreakpoints([THERE + 0x10n]);
    expect(one.goTo(THERE).cpu.run(10)).toBe('breakpoint');
    expect(one.goTo(HERE).cpu.run(10)).toBe('budget');
    expect(one.goTo(THERE).cpu.run(10)).toBe('breakpoint');
  });

  it('should be reported again after a reset, and only once per arrival otherwise', () => {
    const one = bench();
    one.cpu.setBreakpoints([HERE]);
    const before = one.state.u8.slice(0, layout.STATE_END);
    expect(one.cpu.run(10)).toBe('breakpoint');
    one.cpu.reset();
    one.state.u8.set(before, 0);
    one.cpu.flushTranslations();
    expect(one.cpu.run(10)).toBe('breakpoint');
    expect(one.cpu.run(1)).toBe('budget');
    expect(one.rax).toBe(1n);
  });
});
