import { AFTER_UNMAPPED, DATA, DF, LOW, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { DESTINATION, describeFamily, SOURCE, type Spec } from './family.ts';
import type { Width } from './operands.ts';

const suffixes: readonly (readonly [Width, string])[] = [
  [8, 'b'],
  [16, 'w'],
  [32, 'd'],
  [64, 'q'],
];
const directions = [
  { flags: 0, way: 'upwards' },
  { flags: DF, way: 'downwards' },
];

const specs: Spec[] = [];

for (const [width, suffix] of suffixes) {
  const bytes = BigInt(width / 8);
  for (const { flags, way } of directions) {
    for (const operation of ['movs', 'stos', 'lods', 'scas', 'cmps']) {
      const text = `${operation}${suffix}`;
      const name = text.toUpperCase();
      specs.push({ title: `should execute ${name} ${way}`, code: text, flags });
      const repeats = operation === 'scas' || operation === 'cmps' ? ['repe', 'repne'] : ['rep'];
      for (const repeat of repeats) {
        specs.push({
          title: `should execute ${repeat.toUpperCase()} ${name} ${way}`,
          code: `${repeat} ${text}`,
          flags,
          cases: [{ rcx: 0n }, { rcx: 1n }, { rcx: 7n }],
          random: 8,
          adjust: (r, random) => {
            if (r.rcx > 7n) r.rcx = BigInt(random.below(16));
          },
        });
      }
    }
    specs.push(
      {
        title: `should execute REP MOVS${suffix.toUpperCase()} ${way} on overlapping bytes`,
        code: `rep movs${suffix}`,
        flags,
        registers: { rcx: 9n, rsi: SOURCE, rdi: SOURCE + (flags ? -1n : 1n) },
      },
      {
        title: `should execute REP MOVS${suffix.toUpperCase()} ${way} over a page boundary`,
        code: `rep movs${suffix}`,
        flags,
        registers: {
          rcx: 12n,
          rsi: SOURCE,
          rdi: DATA + 0x1000n + (flags ? bytes * 3n - 1n : -bytes * 3n - 1n),
        },
      },
      {
        title: `should execute REP STOS${suffix.toUpperCase()} ${way} over a page boundary`,
        code: `rep stos${suffix}`,
        flags,
        registers: { rcx: 15n, rdi: DATA + 0x1000n + (flags ? bytes * 5n + 1n : -bytes * 5n + 1n) },
      },
      {
        title: `should stop REP STOS${suffix.toUpperCase()} ${way} at the element that faults`,
        code: `rep stos${suffix}`,
        flags,
        registers: {
          rcx: 20n,
          rdi: flags ? AFTER_UNMAPPED + bytes * 4n : READ_ONLY - bytes * 4n,
        },
      },
      {
        title: `should stop REP MOVS${suffix.toUpperCase()} ${way} at a source that faults`,
        code: `rep movs${suffix}`,
        flags,
        registers: {
          rcx: 20n,
          rsi: flags ? AFTER_UNMAPPED + bytes * 3n : UNMAPPED - bytes * 3n,
          rdi: DESTINATION,
        },
      },
      {
        title: `should stop REP MOVS${suffix.toUpperCase()} ${way} at a destination that faults`,
        code: `rep movs${suffix}`,
        flags,
        registers: { rcx: 20n, rdi: flags ? AFTER_UNMAPPED + bytes * 3n : READ_ONLY - bytes * 3n },
      },
      {
        title: `should stop REPE SCAS${suffix.toUpperCase()} ${way} at the element that faults`,
        code: `repe scas${suffix}`,
        flags,
        registers: { rcx: 20n, rax: 0n, rdi: flags ? AFTER_UNMAPPED + bytes * 3n : UNMAPPED - bytes * 3n },
      },
      {
        title: `should stop REPE CMPS${suffix.toUpperCase()} ${way} at the element that faults`,
        code: `repe cmps${suffix}`,
        flags,
        registers: {
          rcx: 20n,
          rsi: DATA + 0x1800n,
          rdi: flags ? AFTER_UNMAPPED + bytes * 3n : UNMAPPED - bytes * 3n,
        },
      },
    );
  }
  specs.push(
    {
      title: `should find a value with REPNE SCAS${suffix.toUpperCase()}`,
      code: `mov [rdi + ${5n * bytes}], ${{ 8: 'al', 16: 'ax', 32: 'eax', 64: 'rax' }[width]}; repne scas${suffix}`,
      registers: { rcx: 30n },
      flags: 0,
    },
    {
      title: `should find a difference with REPE CMPS${suffix.toUpperCase()}`,
      code: `mov rax, rcx; mov rbx, rsi; mov rdx, rdi; rep movsb; mov rsi, rbx; mov rdi, rdx; not byte ptr [rdi + ${3n * bytes}]; mov ecx, 6; repe cmps${suffix}`,
      registers: { rcx: 60n },
      flags: 0,
    },
    {
      title: `should execute REP MOVS${suffix.toUpperCase()} with 32-bit addresses`,
      code: `addr32 rep movs${suffix}`,
      registers: { rsi: 0xabcd_0000_0000_0000n + LOW, rdi: LOW + 0x100n, rcx: 0x1_0000_0005n },
      flags: 0,
    },
    {
      title: `should execute STOS${suffix.toUpperCase()} with a 32-bit address and clear the upper half of RDI`,
      code: `addr32 stos${suffix}`,
      registers: { rdi: 0xffff_ffff_0000_0000n + LOW },
    },
    {
      title: `should execute REP LODS${suffix.toUpperCase()} with 32-bit addresses and a count of zero`,
      code: `addr32 rep lods${suffix}`,
      registers: { rsi: 0xffff_ffff_0000_0000n + LOW, rcx: 0xffff_ffff_0000_0000n },
    },
    {
      title: `should execute MOVS${suffix.toUpperCase()} from FS`,
      code: `fs movs${suffix}`,
      fsBase: SOURCE,
      registers: { rsi: 8n },
    },
  );
}
specs.push(
  {
    title: 'should execute REPNE MOVSB like REP',
    code: '.byte 0xf2, 0xa4',
    registers: { rcx: 5n },
    flags: 0,
  },
  {
    title: 'should execute REPNE STOSQ like REP',
    code: '.byte 0xf2, 0x48, 0xab',
    registers: { rcx: 5n },
    flags: 0,
  },
  {
    title: 'should do nothing, whatever the addresses, when the count is zero',
    code: 'rep movsb',
    registers: { rcx: 0n, rsi: 0n, rdi: 0n },
  },
  {
    title: 'should leave flags alone when REPE CMPSB has no element',
    code: 'repe cmpsb',
    registers: { rcx: 0n },
  },
  {
    title: 'should move a page with REP MOVSQ',
    code: 'rep movsq',
    registers: { rsi: DATA, rdi: DATA + 0x1000n, rcx: 512n },
    flags: 0,
    random: 3,
  },
  {
    title: 'should fill two pages with REP STOSD',
    code: 'rep stosd',
    registers: { rdi: DATA, rcx: 2048n },
    flags: 0,
    random: 3,
  },
  { title: 'should raise #GP for a non-canonical source', code: 'lodsq', registers: { rsi: 1n << 55n } },
  { title: 'should raise #GP for a non-canonical destination', code: 'stosq', registers: { rdi: 1n << 55n } },
  {
    title: 'should raise #PF for the source of MOVSB before its destination',
    code: 'movsb',
    registers: { rsi: UNMAPPED, rdi: UNMAPPED + 8n },
    flags: 0,
  },
  {
    title: 'should raise #PF for the source of CMPSB before its destination',
    code: 'cmpsb',
    registers: { rsi: UNMAPPED, rdi: UNMAPPED + 8n },
    flags: 0,
  },
);

// Ring 3 may not access a port here: that is asked before the count.
for (const text of ['insb', 'insw', 'insd', 'outsb', 'outsw', 'outsd']) {
  for (const [name, prefix] of [
    ['REP', '0xf3'],
    ['REPNE', '0xf2'],
  ]) {
    specs.push({
      title: `should raise #GP for ${name} ${text.toUpperCase()} whatever the count`,
      code: `.byte ${prefix}; ${text}`,
      cases: [{ rcx: 0n }, { rcx: 1n }, { rcx: 1n << 40n }],
      random: 2,
    });
  }
}
specs.push({
  title: 'should raise #GP for REP OUTSB with a count of zero in ECX',
  code: '.byte 0x67; rep outsb',
  registers: { rcx: 1n << 32n },
});

describeFamily('strings', specs);
