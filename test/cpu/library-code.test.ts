import { beforeAll, expect, it } from 'vitest';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';
import {
  type Argument,
  BUFFER_SIZE,
  callFlat,
  callNatively,
  type LibraryCall,
  type LibraryResult,
  staticLibrary,
} from './support/library-calls.ts';

const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
const linker = oracle('GNU ld', commandProbe('ld', ['--version'], 'binutils'));
const libraryOracle = (name: string, packageName: string) =>
  oracle(name, { package: packageName, works: () => staticLibrary(name) !== undefined });

/** Where a second and a third operand lie in the buffer, in bytes. */
const SECOND = 1024;
const THIRD = 2048;
const LIMBS = 100n;

/** xorshift64* (Marsaglia, Vigna): the same inputs every time. */
class Random {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  word(): bigint {
    let x = this.#state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.#state = x;
    return BigInt.asUintN(64, x * 0x2545_f491_4f6c_dd1dn);
  }

  below(limit: number): number {
    return Number(this.word() % BigInt(limit));
  }

  /** Random words; one in four is all ones or zero, so that carries run far. */
  buffer(): Uint8Array {
    const words = BigUint64Array.from({ length: BUFFER_SIZE / 8 }, () => {
      const kind = this.below(8);
      return kind === 0 ? 0n : kind === 1 ? 2n ** 64n - 1n : this.word();
    });
    return new Uint8Array(words.buffer);
  }
}

/** A library of a Debian package, the routines that are called in it, and what with. */
interface Library {
  readonly name: string;
  readonly package: string;
  readonly about: string;
  readonly routines: Readonly<Record<string, (random: Random) => readonly Argument[]>>;
}

const at = (offset: number): Argument => ({ offset });
const limbs = (random: Random): bigint => (random.word() % LIMBS) + 1n;
const text = (random: Random): Argument[] => [at(random.below(64)), BigInt(random.below(BUFFER_SIZE - 64))];

const LIBRARIES: readonly Library[] = [
  {
    name: 'libz.a',
    package: 'zlib1g-dev',
    about: 'check sums, and their combination',
    routines: {
      adler32: (random) => [random.word() & 0xffffn, ...text(random)],
      crc32: (random) => [random.word() & 0xffff_ffffn, ...text(random)],
      adler32_combine: (random) => [
        random.word() & 0x7fff_7fffn,
        random.word() & 0x7fff_7fffn,
        random.word() >> 20n,
      ],
      crc32_combine: (random) => [
        random.word() & 0xffff_ffffn,
        random.word() & 0xffff_ffffn,
        random.word() >> 20n,
      ],
    },
  },
  {
    name: 'libc.a',
    package: 'libc6-dev',
    about: 'long integers in hand-written assembly, random numbers, base 64',
    routines: {
      __mpn_add_n: (random) => [at(0), at(SECOND), at(THIRD), limbs(random)],
      __mpn_sub_n: (random) => [at(0), at(SECOND), at(THIRD), limbs(random)],
      __mpn_mul_1: (random) => [at(0), at(SECOND), limbs(random), random.word()],
      __mpn_addmul_1: (random) => [at(0), at(SECOND), limbs(random), random.word()],
      __mpn_submul_1: (random) => [at(0), at(SECOND), limbs(random), random.word()],
      __mpn_lshift: (random) => [at(0), at(SECOND), limbs(random), (random.word() % 63n) + 1n],
      __mpn_rshift: (random) => [at(0), at(SECOND), limbs(random), (random.word() % 63n) + 1n],
      __mpn_cmp: (random) => [at(0), at(SECOND), limbs(random)],
      __drand48_iterate: () => [at(0), at(SECOND)],
      a64l: () => [at(0)],
    },
  },
  {
    name: 'libgcc.a',
    package: 'libgcc-12-dev',
    about: 'division of 128 bits, counting of bits',
    routines: {
      __divmodti4: (random) => {
        const high = random.below(2) === 0 ? 0n : random.word() >> BigInt(random.below(64));
        return [random.word(), random.word(), random.word() | 1n, high, at(0)];
      },
      __popcountdi2: (random) => [random.word()],
      __clzdi2: (random) => [(random.word() >> BigInt(random.below(64))) | 1n],
      __bswapdi2: (random) => [random.word()],
    },
  },
];

const TIMES = 25;

const describeArgument = (argument: Argument): string =>
  typeof argument === 'bigint' ? `0x${argument.toString(16)}` : `buffer+${argument.offset}`;

/** The first thing in which results differ; undefined when nothing does. */
function describeDifference(
  ours: LibraryResult | undefined,
  theirs: LibraryResult | undefined,
): string | undefined {
  if (ours === undefined || theirs === undefined) return 'a result is missing';
  const hex = (value: number | bigint | undefined): string => `0x${value?.toString(16)}`;
  if (ours.value !== theirs.value) return `rax is ${hex(ours.value)}, on the host ${hex(theirs.value)}`;
  const at = ours.buffer.findIndex((byte, index) => byte !== theirs.buffer[index]);
  return at < 0 ? undefined : `byte ${at} is ${hex(ours.buffer[at])}, on the host ${hex(theirs.buffer[at])}`;
}

for (const library of LIBRARIES) {
  const oracles = [gcc, linker, libraryOracle(library.name, library.package)];
  describeWithOracle(oracles, `routines of ${library.name}: ${library.about}`, () => {
    const routines = Object.keys(library.routines);
    let calls: readonly LibraryCall[];
    let ours: readonly LibraryResult[];
    let theirs: readonly LibraryResult[];

    beforeAll(() => {
      const random = new Random(0x5eedn);
      calls = Object.entries(library.routines).flatMap(([routine, operands]) =>
        Array.from({ length: TIMES }, () => ({
          routine,
          arguments: operands(random),
          buffer: random.buffer(),
        })),
      );
      const path = staticLibrary(library.name) as string;
      ours = callFlat([path], routines, calls);
      theirs = callNatively([path], routines, calls);
    });

    it.each(routines)('%s should give what it gives on the host', (routine) => {
      const differences = calls.flatMap((call, index) => {
        if (call.routine !== routine) return [];
        const difference = describeDifference(ours[index], theirs[index]);
        return difference === undefined ? [] : [`${call.arguments.map(describeArgument)}: ${difference}`];
      });
      expect(differences).toEqual([]);
    });
  });
}
