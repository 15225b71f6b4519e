import { expect, it } from 'vitest';
import { CLAIMED_FEATURES } from '../../emu/cpu/families/features.ts';
import type { CpuFeature } from '../../emu/cpu/system/features.ts';
import { HostCpu, hostCpuUnavailable } from '../oracles/host.ts';
import { Puffer } from '../oracles/puffer.ts';
import { describeWithOracle, oracle } from '../oracles/require.ts';
import {
  DATA,
  DATA_32,
  INVALID_OPCODE,
  type Outcome,
  registerNames,
  STACK_32,
  STACK_END,
  type UserCase,
} from '../oracles/user-case.ts';

const hostCpuOracle = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });

const MAPS: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const PREFIXES: readonly (readonly number[])[] = [[], [0x66], [0xf2], [0xf3], [0xf0]];
/** Bytes of the one-byte map that are prefixes, or lead to other maps. */
const LEADING = new Set([
  0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3,
]);
const NOP = 0x90;
const PADDING = 9;
const STACK_POINTER = 4;
/** A memory operand at rSI (BP without a base in 16-bit addressing) and a register: enough where ModRM chooses no instruction. */
const MODRMS = [0x06, 0xcb];
/** Every ModRM.reg with both. */
const GROUP_MODRMS = Array.from({ length: 16 }, (_, i) => ((i & 7) << 3) | (i >= 8 ? 0xc3 : 0x06));
const REGISTER_MODRMS = Array.from({ length: 64 }, (_, i) => 0xc0 | i);
/** Opcodes of the one-byte and the 0F map of which ModRM.reg makes several instructions, or not all of whose registers exist. */
const GROUPS: readonly ReadonlySet<number>[] = [
  new Set([
    0x80, 0x81, 0x82, 0x83, 0x8c, 0x8e, 0x8f, 0xc0, 0xc1, 0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf6, 0xf7,
    0xfe, 0xff,
  ]),
  new Set([
    0x00, 0x01, 0x0d, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x71, 0x72,
    0x73, 0x78, 0xae, 0xb9, 0xba, 0xc7,
  ]),
];
/** Opcodes of the 0F map that some whole ModRM bytes make instructions of their own. */
const WHOLE_MODRM: ReadonlySet<number> = new Set([0x01, 0xae]);

function modrms(map: readonly number[], opcode: number): readonly number[] {
  const isX87 = map.length === 0 && opcode >= 0xd8 && opcode <= 0xdf;
  if (isX87) return [...GROUP_MODRMS, ...REGISTER_MODRMS];
  if (GROUPS[map.length]?.has(opcode) !== true) return MODRMS;
  return map.length === 1 && WHOLE_MODRM.has(opcode) ? [...GROUP_MODRMS, ...REGISTER_MODRMS] : GROUP_MODRMS;
}

/** What the host has and this processor does not claim, or what the host does beside the manual. */
const ELSEWHERE: readonly { readonly bytes: RegExp; readonly feature?: CpuFeature; readonly why: string }[] =
  [
    { bytes: /^(66 |f2 |f3 )?0f 01 (c1|d[89a-f])/, why: 'VMCALL, VMRUN and their relatives' },
    { bytes: /^(66 |f2 |f3 )?0f 01 f[a-f]/, why: 'MONITORX, MWAITX, CLZERO, RDPRU, INVLPGB and TLBSYNC' },
    {
      bytes: /^(66 |f2 |f3 )?0f 35/,
      why: 'SYSEXIT, which a hypervisor emulates on hosts that do not have it in long mode',
    },
    { bytes: /^0f c7 (1e|26|2e)/, why: 'XRSTORS, XSAVEC and XSAVES' },
    { bytes: /^(66|f2) 0f 7[89]|^f[23] 0f 2b/, feature: 'SSE4A', why: 'EXTRQ, INSERTQ, MOVNTSS and MOVNTSD' },
    { bytes: /^66 0f 38 82/, why: 'INVPCID' },
    { bytes: /^66 0f 3(8 cf|a c[ef])/, why: 'GFNI' },
    { bytes: /^66 0f 38 d[b-f]|^66 0f 3a df/, feature: 'AES', why: 'AESENC and its relatives' },
    { bytes: /^66 0f 3a 44/, feature: 'PCLMULQDQ', why: 'PCLMULQDQ' },
    { bytes: /^0f 3(8 c[89a-d]|a cc)/, feature: 'SHA', why: 'SHA1RNDS4 and its relatives' },
    { bytes: /^f0 0f 00 2e/, why: 'LOCK VERW, which the manual does not allow and the host executes' },
    { bytes: /^((66|f2|f3) )?(9b|d[89a-f])/, feature: 'FPU', why: 'x87 instructions' },
    { bytes: /^f3 0f c7 f[0-7]/, why: 'SENDUIPI' },
    { bytes: /^(66 )?0f 01 (c[ab])/, feature: 'SMAP', why: 'CLAC and STAC' },
  ];

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Instructions as bytes: all opcodes of all maps, with each prefix and each group's ModRM.reg. */
function encodings(bits: 32 | 64): number[][] {
  const found: number[][] = [];
  for (const map of MAPS) {
    for (const prefix of PREFIXES) {
      for (let opcode = 0; opcode < 256; opcode++) {
        if (map.length === 0 && LEADING.has(opcode)) continue;
        if (map.length === 0 && bits === 64 && (opcode & 0xf0) === 0x40) continue;
        if (map.length === 1 && (opcode === 0x38 || opcode === 0x3a)) continue;
        for (const modrm of modrms(map, opcode)) found.push([...prefix, ...map, opcode, modrm]);
      }
    }
  }
  return found;
}

/** VEX prefixes of three bytes: each map, mandatory prefix, W and L, without and with an additional register. */
const VEX_FIELDS = [1, 2, 3].flatMap((map) =>
  Array.from({ length: 32 }, (_, i) => [
    0xc4,
    0xe0 | map,
    ((i & 8) << 4) | ((i & 16) !== 0 ? 0x60 : 0x78) | (i & 7),
  ]),
);
/** The maps and opcodes of the VEX encodings of general registers; all others are of vector registers, masks or tiles. */
const GENERAL_REGISTERS = [new Set<number>(), new Set([0xf2, 0xf3, 0xf5, 0xf6, 0xf7]), new Set([0xf0])];
const FIRST_MASK = 0x1f;
/** The last byte of a VEX prefix with W and L clear and no additional register. */
const PLAIN_FIELDS = 0x78;
const MANDATORY_PREFIX = 3;

function vexEncodings(): { readonly bytes: number[]; readonly general: boolean }[] {
  return VEX_FIELDS.flatMap((prefix) => {
    const map = (prefix[1] as number) & FIRST_MASK;
    const plain = ((prefix[2] as number) & ~MANDATORY_PREFIX) === PLAIN_FIELDS;
    return Array.from({ length: 256 }, (_, opcode) => {
      const general = GENERAL_REGISTERS[map - 1]?.has(opcode) === true;
      const others = plain ? MODRMS : [];
      const all = general ? GROUP_MODRMS : others;
      return all.map((modrm) => ({ bytes: [...prefix, opcode, modrm], general }));
    }).flat();
  });
}

/** A case whose registers all point to data. */
function caseOf(bytes: readonly number[], bits: 32 | 64): UserCase {
  const registers = new BigUint64Array(registerNames.length);
  registers.fill((bits === 64 ? DATA : DATA_32) + 0x400n);
  registers[STACK_POINTER] = bits === 64 ? STACK_END - 0x400n : STACK_32 + 0x1c00n;
  const code = Uint8Array.from([...bytes, ...new Array<number>(PADDING).fill(NOP)]);
  return { bits, code, registers, flags: 0, memory: [] };
}

const isUndefined = ({ end, fault, ripOffset }: Outcome): boolean =>
  end === 'fault' && fault?.vector === INVALID_OPCODE && ripOffset === 0n;

describeWithOracle(hostCpuOracle, 'every opcode of every map', () => {
  it.each([64, 32] as const)(
    'should be an instruction in %i-bit code where it is one for the host',
    async (bits) => {
      const all = encodings(bits);
      const cases = all.map((bytes) => caseOf(bytes, bits));
      const host = new HostCpu();
      const expected = await host.run(cases).finally(() => host.close());
      const puffer = new Puffer();
      const got = await puffer.run(cases).finally(() => puffer.close());
      const differences = all.flatMap((bytes, index) => {
        const [hostSays, pufferSays] = [expected[index] as Outcome, got[index] as Outcome];
        if (isUndefined(hostSays) === isUndefined(pufferSays)) return [];
        const text = hex(bytes);
        const known = ELSEWHERE.some(
          ({ bytes: pattern, feature }) =>
            pattern.test(text) && !(feature !== undefined && CLAIMED_FEATURES.has(feature)),
        );
        if (known && isUndefined(pufferSays)) return [];
        return [`${text}: ${isUndefined(hostSays) ? 'only puffer' : 'only the host'} executes it`];
      });
      expect(differences.join('\n')).toBe('');
    },
    120_000,
  );

  it.each([64, 32] as const)(
    'should be an instruction behind VEX in %i-bit code where it is one of general registers for the host',
    async (bits) => {
      const all = vexEncodings();
      const cases = all.map(({ bytes }) => caseOf(bytes, bits));
      const host = new HostCpu();
      const expected = await host.run(cases).finally(() => host.close());
      const puffer = new Puffer();
      const got = await puffer.run(cases).finally(() => puffer.close());
      const differences = all.flatMap(({ bytes, general }, index) => {
        const [hostSays, pufferSays] = [expected[index] as Outcome, got[index] as Outcome];
        const same = isUndefined(hostSays) === isUndefined(pufferSays);
        const unclaimed = !general && !CLAIMED_FEATURES.has('AVX') && isUndefined(pufferSays);
        if (same || unclaimed) return [];
        return [`${hex(bytes)}: ${isUndefined(hostSays) ? 'only puffer' : 'only the host'} executes it`];
      });
      expect(differences.join('\n')).toBe('');
    },
    120_000,
  );
});
