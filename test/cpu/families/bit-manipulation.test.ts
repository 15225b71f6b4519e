import { DATA, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { pointer, register } from './operands.ts';

const NO_UNICORN = { notOnUnicorn: 'its processor models do not have these instructions' };
/** The manuals leave some flags undefined; the host, an AMD processor, has to be followed in them too. */
const EXACT = { ...NO_UNICORN, undefinedFlags: 0 };

const specs: Spec[] = [];
const edges = [0n, 1n, -1n, 1n << 31n, 1n << 63n, 0x8000_0001n, 0xffff_ffffn];

for (const width of [32, 64] as const) {
  const [a, b, c] = ['ax', 'bx', 'r9'].map((name) => register(width, name)) as [string, string, string];
  const memory = `${pointer(width)} [rsi + 3]`;
  const both = (code: (source: string) => string, name: string, more: Partial<Spec>): void => {
    specs.push(
      {
        title: `should execute ${name} with r${width}`,
        code: code(b),
        cases: edges.map((rbx) => ({ rbx })),
        random: 40,
        ...EXACT,
        ...more,
      },
      { title: `should execute ${name} with m${width}`, code: code(memory), random: 20, ...EXACT, ...more },
    );
  };
  both((source) => `andn ${a}, ${c}, ${source}`, 'ANDN', {});
  for (const operation of ['blsi', 'blsmsk', 'blsr']) {
    both((source) => `${operation} ${c}, ${source}`, operation.toUpperCase(), {});
  }
  const counts = [0, 1, width - 1, width, 63, 64, 65, 0xff].flatMap((index) => [
    { r9: BigInt(index) },
    { r9: BigInt(index) | 0x0800n },
    { r9: BigInt(index) | 0x4000n },
    { r9: BigInt(index) | 0xff00n },
    { r9: BigInt(index) | 0xffff_ffff_ffff_0000n },
  ]);
  for (const operation of ['bextr', 'bzhi', 'sarx', 'shlx', 'shrx']) {
    both((source) => `${operation} ${a}, ${source}, ${c}`, operation.toUpperCase(), { cases: counts });
  }
  for (const count of [0, 1, 31, 32, 33, 63, 255]) {
    both((source) => `rorx ${a}, ${source}, ${count}`, `RORX by ${count}`, { random: 4 });
  }
  for (const operation of ['pdep', 'pext']) {
    both((source) => `${operation} ${a}, ${c}, ${source}`, operation.toUpperCase(), { random: 200 });
  }
  both((source) => `mulx ${a}, ${c}, ${source}`, 'MULX', { random: 100 });
  for (const operation of ['adcx', 'adox']) {
    both((source) => `${operation} ${a}, ${source}`, operation.toUpperCase(), { random: 200 });
  }
  specs.push(
    {
      title: `should give MULX r${width} the high half when both destinations are the same`,
      code: `mulx ${c}, ${c}, ${b}`,
      random: 40,
      ...EXACT,
    },
    {
      title: `should execute MULX r${width} from and into RDX`,
      code: `mulx ${register(width, 'dx')}, ${b}, ${b}`,
      random: 20,
      ...EXACT,
    },
    {
      title: `should read m${width} of BEXTR whatever its control says`,
      code: `bextr ${a}, ${pointer(width)} [rsi], ${c}`,
      registers: { rsi: UNMAPPED, r9: 0n },
      random: 2,
      ...EXACT,
    },
  );
  for (const operation of ['bsf', 'bsr', 'tzcnt', 'lzcnt', 'popcnt']) {
    both((source) => `${operation} ${c}, ${source}`, `${operation.toUpperCase()}, with all flags,`, {
      cases: [{ rbx: 0n }, { rbx: 1n }, { rbx: 2n }, { rbx: 0x80n }, { rbx: 1n << BigInt(width - 1) }],
    });
  }
}

/** VEX prefixes byte by byte: `vex(0xf2, 0xc1)` is ANDN EAX, EBX, ECX. */
const bytes = (...list: number[]): string => `.byte ${list.join(', ')}`;
const ANDN = [0xf2, 0xc1] as const;

for (const [title, code] of [
  ['should execute ANDN with all its register bits', bytes(0xc4, 0x42, 0x08, 0xf2, 0xc1)],
  ['should execute ANDN with an FS override', bytes(0x64, 0xc4, 0xe2, 0x60, 0xf2, 0x06)],
  ['should execute ANDN with a 32-bit address', bytes(0x67, 0xc4, 0xe2, 0x60, 0xf2, 0x06)],
  ['should raise #UD for VEX after 66', bytes(0x66, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should raise #UD for VEX after F2', bytes(0xf2, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should raise #UD for VEX after F3', bytes(0xf3, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should raise #UD for VEX after LOCK', bytes(0xf0, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should raise #UD for VEX after REX', bytes(0x48, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should pass over a REX before another prefix of VEX', bytes(0x48, 0x2e, 0xc4, 0xe2, 0x60, ...ANDN)],
  ['should raise #UD for ANDN with VEX.L', bytes(0xc4, 0xe2, 0x64, ...ANDN)],
  ['should raise #UD for RORX with vvvv', bytes(0xc4, 0xe3, 0x73, 0xf0, 0xc1, 3)],
  ['should execute RORX without vvvv', bytes(0xc4, 0xe3, 0x7b, 0xf0, 0xc1, 3)],
  ['should raise #UD for group 17 with /0', bytes(0xc4, 0xe2, 0x60, 0xf3, 0xc1)],
  ['should raise #UD for group 17 with /4', bytes(0xc4, 0xe2, 0x60, 0xf3, 0xe1)],
  ['should raise #UD for VEX map 0', bytes(0xc4, 0xe0, 0x60, ...ANDN)],
  ['should raise #UD for VEX map 4', bytes(0xc4, 0xe4, 0x60, ...ANDN)],
  ['should raise #UD for VEX map 31', bytes(0xc4, 0xff, 0x60, ...ANDN)],
  ['should raise #UD for ANDN with 66 in VEX', bytes(0xc4, 0xe2, 0x61, ...ANDN)],
  ['should raise #UD for CRC32 without F2 and a register', bytes(0x0f, 0x38, 0xf0, 0xc1)],
  ['should raise #UD for MOVBE with F3', bytes(0xf3, 0x0f, 0x38, 0xf0, 0x06)],
  ['should execute ADOX with F3 after 66', bytes(0x66, 0xf3, 0x0f, 0x38, 0xf6, 0xc1)],
  ['should execute ADOX with F3 before 66', bytes(0xf3, 0x66, 0x0f, 0x38, 0xf6, 0xc1)],
  ['should raise #UD for ADCX without a prefix', bytes(0x0f, 0x38, 0xf6, 0xc1)],
  ['should raise #UD for ADCX with F2', bytes(0xf2, 0x0f, 0x38, 0xf6, 0xc1)],
  ['should execute TZCNT with 66 and F3', bytes(0x66, 0xf3, 0x0f, 0xbc, 0xc1)],
  ['should execute BSF with F2', bytes(0xf2, 0x0f, 0xbc, 0xc1)],
  ['should raise #UD for 0F B8 without F3', bytes(0x0f, 0xb8, 0xc1)],
  ['should execute POPCNT with F2 before F3', bytes(0xf2, 0xf3, 0x0f, 0xb8, 0xc1)],
] as const) {
  specs.push({ title, code, registers: { rsi: DATA + 0x40n, rcx: 0x50n }, random: 3, ...EXACT });
}

describeFamily('bit manipulation and wide arithmetic', specs);
