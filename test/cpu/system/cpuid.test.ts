import { describe, expect, it } from 'vitest';
import { CLAIMED_FEATURES } from '../../../emu/cpu/families/features.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import { Msr } from '../../../emu/cpu/system/msr.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { flatProcessor } from '../support/flat-processor.ts';

const { identification, helpers } = flatProcessor(0).system;
const leaf = (number: number, subleaf = 0): readonly number[] => identification.leaf(number >>> 0, subleaf);
const text = (...words: readonly (number | undefined)[]): string =>
  new TextDecoder().decode(new Uint8Array(Uint32Array.from(words.map((word) => word ?? 0)).buffer));

describe('CPUID', () => {
  it.each([
    ['standard', 0, 0xd],
    ['extended', 0x8000_0000, 0x8000_0008],
  ])('should name the maker and the highest %s leaf', (_, first, highest) => {
    const [eax, ebx, ecx, edx] = leaf(first);
    expect(text(ebx, edx, ecx)).toBe('AuthenticAMD');
    expect(eax).toBe(highest);
  });

  it('should say the same family, model and stepping in both ranges', () => {
    const [signature = 0] = leaf(1);
    expect(leaf(0x8000_0001)[0]).toBe(signature);
    const family = ((signature >> 8) & 0xf) + ((signature >> 20) & 0xff);
    const model = ((signature >> 4) & 0xf) | ((signature >> 12) & 0xf0);
    expect([family, model, signature & 0xf]).toEqual([15, 107, 1]);
  });

  it('should spell its name, ended by a zero', () => {
    const name = text(...leaf(0x8000_0002), ...leaf(0x8000_0003), ...leaf(0x8000_0004));
    expect(name).toHaveLength(48);
    expect(name.replace(/\0+$/, '')).toBe('puffer amd64 processor');
  });

  it('should have cache lines of the size that CLFLUSH flushes', () => {
    const flushed = (((leaf(1)[1] ?? 0) >> 8) & 0xff) * 8;
    const [, , data = 0, instructions = 0] = leaf(0x8000_0005);
    const [, , second = 0] = leaf(0x8000_0006);
    expect([data & 0xff, instructions & 0xff, second & 0xff]).toEqual([flushed, flushed, flushed]);
    // KiB: both caches of the first level, and the second level, which is larger.
    expect([data >>> 24, instructions >>> 24, second >>> 16]).toEqual([64, 64, 512]);
  });

  it('should give the sizes of addresses that page tables have', () => {
    expect((leaf(0x8000_0008)[0] ?? 0) & 0xffff).toBe((48 << 8) | 40);
  });

  it('should say that TSC runs at one rate and that no x87 addresses leak', () => {
    expect(leaf(0x8000_0007)).toEqual([0, 0, 0, 1 << 8]);
    expect(leaf(0x8000_0008)[1]).toBe(1 << 2);
  });

  it('should repeat in leaf 80000001h the features that AMD repeats there', () => {
    const repeated = 0x0183_f3ff;
    expect((leaf(0x8000_0001)[3] ?? 0) & repeated).toBe((leaf(1)[3] ?? 0) & repeated);
  });

  it.each([2, 3, 4, 5, 6, 8, 0xb, 0xe, 0x4000_0000, 0x8000_0009, 0x8000_001d, 0x8000_001e, 0xffff_ffff])(
    'should read leaf %i, which it does not have, as zero',
    (number) => {
      expect(leaf(number)).toEqual([0, 0, 0, 0]);
    },
  );

  it('should have one subleaf of leaf 7', () => {
    expect(leaf(7)[0]).toBe(0);
    expect(leaf(7, 1)).toEqual([0, 0, 0, 0]);
  });

  it('should have what the x86-64-v2 level asks for', () => {
    const level2 = ['CMPXCHG16B', 'LAHFSAHF', 'POPCNT', 'SSE3', 'SSE41', 'SSE42', 'SSSE3'] as const;
    expect(level2.filter((feature) => !CLAIMED_FEATURES.has(feature))).toEqual([]);
  });
});

describe('configuration MSRs', () => {
  const CONFIGURATION = [
    Msr.PatchLevel,
    Msr.SystemConfiguration,
    Msr.HardwareConfiguration,
    Msr.NorthBridgeConfiguration,
    Msr.InterruptPending,
    Msr.LoadStoreConfiguration,
    Msr.InstructionCacheConfiguration,
    Msr.DataCacheConfiguration,
    Msr.BusUnitConfiguration,
    Msr.DecodeConfiguration,
  ];

  it.each(CONFIGURATION)(
    'should answer RDMSR and take WRMSR of %i, as kernels for this family expect',
    (index) => {
      const cpu = flatProcessor(0);
      cpu.state.set64(layout.GPR + 8, BigInt(index));
      expect(cpu.system.helpers.wrmsr()).toBe(Status.Next);
      expect(cpu.system.helpers.rdmsr()).toBe(Status.Next);
    },
  );

  it('should have no performance counter to read', () => {
    expect(helpers.rdpmc()).toBe(Status.Fault);
  });
});
