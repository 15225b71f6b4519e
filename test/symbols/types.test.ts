import { expect, test } from 'vitest';
import {
  DebugInfo,
  readMember,
  readValue,
  type StructType,
  stripType,
  type Type,
} from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdbLayouts, gdbTypeNames, readerLayout, spacelessName } from './gdb-types.ts';
import { type BuiltProgram, gcc, gdb, run, VARIANTS, workshop } from './programs.ts';

const STRUCTS = ['list', 'flags', 'packed', 'everything', 'zero_length', 'qualified', 'unit_private'];

/** The paths of all scalars in a type, in order. */
function scalarPaths(type: Type, path: string): { path: string; type: Type }[] {
  const bare = stripType(type);
  if (bare.kind === 'struct' || bare.kind === 'union') return memberPaths(bare, path);
  if (bare.kind === 'array') {
    return Array.from({ length: bare.count ?? 0 }, (_, index) =>
      scalarPaths(bare.element, `${path}[${index}]`),
    ).flat();
  }
  return [{ path, type }];
}

function memberPaths(struct: StructType, path: string): { path: string; type: Type }[] {
  return struct.members.flatMap(({ name, type }) =>
    scalarPaths(type, name === undefined ? path : `${path}${path === '' ? '' : '.'}${name}`),
  );
}

describeWithOracle([gcc, gdb], 'types', () => {
  const { build } = workshop();

  for (const { name, flags } of VARIANTS) {
    const program: BuiltProgram = build(`types ${name}`.replace(/\W+/g, '-'), ['main.c', 'helper.c'], flags);
    const info = DebugInfo.open(program.elf);

    test(`every member has gdb's offset, bit and size (${name})`, () => {
      const layouts = gdbLayouts(
        program.path,
        STRUCTS.map((tag) => `struct ${tag}`),
      );
      expect(layouts.size).toBe(STRUCTS.length);
      for (const tag of STRUCTS) {
        const struct = info.struct(tag);
        const oracle = layouts.get(`struct ${tag}`);
        expect(struct?.size, tag).toBe(oracle?.size);
        const ours = struct === undefined ? [] : readerLayout(struct);
        expect(oracle?.members.length, tag).toBe(ours.length);
        // gdb leaves out the offsets inside unions; the reader's stand there.
        const theirs = oracle?.members.map((member, index) => ({
          ...member,
          offset: member.offset ?? ours[index]?.offset,
        }));
        expect(ours, tag).toEqual(theirs);
      }
    });

    test(`every member has gdb's type (${name})`, () => {
      const places = STRUCTS.flatMap((tag) =>
        readerLayout(info.struct(tag) as StructType).map((member) => ({ tag, name: member.name })),
      );
      const names = gdbTypeNames(
        program.path,
        places.map(({ tag, name: member }) => `((struct ${tag} *)0)->${member}`),
      );
      const ours = places.map(({ tag, name: member }) =>
        spacelessName(info.struct(tag)?.member(member)?.type as Type),
      );
      expect(ours).toEqual(names);
    });

    test(`every scalar of a variable has the value gdb prints (${name})`, () => {
      const variable = info.variable('everything');
      const struct = info.struct('everything') as StructType;
      const bytes = program.elf.bytesAt(variable?.address ?? 0n, struct.size) as Uint8Array;
      // Pointers of a position-independent program are not in the file but in its relocations.
      const scalars = memberPaths(struct, '').filter(({ type }) => stripType(type).kind !== 'pointer');
      const commands = scalars.flatMap(({ path, type }) => {
        const format = stripType(type).kind === 'enum' ? '/d' : '';
        return ['-ex', `output${format} everything.${path}`, '-ex', 'echo \\n'];
      });
      // A character is printed as its number and its letter.
      const theirs = run('gdb', '-batch', '-nx', ...commands, program.path)
        .trim()
        .split('\n')
        .map((line) => line.replace(/ '.*/, ''));
      const ours = scalars.map(({ path }) => {
        const place = struct.member(path);
        return place && String(readMember(place, bytes));
      });
      expect(scalars.length).toBeGreaterThan(60);
      expect(ours).toEqual(theirs);
    });
  }

  test('characters are text on request, structures are objects, 8-byte integers bigint', () => {
    const program = build('values', ['main.c', 'helper.c'], ['-g', '-O2', '-no-pie']);
    const info = DebugInfo.open(program.elf);
    const variable = info.variable('everything');
    const type = variable?.type as Type;
    const bytes = program.elf.bytesAt(variable?.address ?? 0n, type.size) as Uint8Array;
    const value = readValue(type, bytes, 0, { text: true });
    expect(value).toMatchObject({
      name: 'puffer',
      counter: -42,
      state: 3,
      sign: -3,
      matrix: [
        [1n, 2n, 3n],
        [4n, 5n, 0xffffffff81000000n],
      ],
      flags: { a: 1, b: 5, c: -7, d: 0xabcde, wide: 0x1234567890n, truth: true, state: 40, tail: 9 },
      as_long: BigInt.asIntN(64, (-12n << 32n) + 11n),
      low: 11,
      high: -12,
      point: [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
        { x: -5, y: -6 },
      ],
      extended: -2.75,
      yes: true,
      trailing: '',
    });
    expect(value).toHaveProperty('handler', program.elf && info.function('plain_handler')?.lowPc);
    expect(readValue(type, bytes, 0)).toHaveProperty('name.0', 'p'.charCodeAt(0));
    const state = info.enum('state');
    expect([state?.nameOf(40), state?.nameOf(41), state?.enumerators.get('SRUN')]).toEqual([
      'SZOMB',
      undefined,
      2,
    ]);
    expect(info.enum('sign')?.enumerators.get('BELOW')).toBe(-3);
    expect(info.type('vaddr_t')?.size).toBe(8);
    expect(info.type('struct list')?.size).toBe(16);
    expect(info.type('long int')).toBe(info.type('long'));
    expect(info.type('unsigned long')).toMatchObject({ kind: 'base', size: 8, isSigned: false });
    expect(info.type('no such type')).toBeUndefined();
  });

  test('member paths go through anonymous members and arrays, not through pointers', () => {
    const info = DebugInfo.open(build('paths', ['main.c', 'helper.c'], ['-g', '-O2']).elf);
    const struct = info.struct('everything');
    const offset = (path: string): number | undefined => struct?.member(path)?.offset;
    expect(offset('link.prev')).toBe(8);
    expect(offset('matrix[1][2]')).toBe(64 + 40);
    expect(offset('high')).toBe(164);
    expect(offset('point[2].y')).toBe(178);
    expect(struct?.member('flags.wide')).toMatchObject({ offset: 136, bitOffset: 0, bitSize: 37 });
    expect(struct?.member('flags.truth')).toMatchObject({ offset: 140, bitOffset: 5, bitSize: 1 });
    expect(offset('trailing[100]')).toBe(356);
    for (const bad of [
      '',
      'nothing',
      'link.next.next',
      'matrix[2]',
      'name[24]',
      '.link',
      'link.',
      'name.x',
      'link[0]',
    ]) {
      expect(offset(bad), bad).toBeUndefined();
    }
  });

  test('a structure that one unit only declares is found in the unit that defines it', () => {
    const info = DebugInfo.open(build('declared', ['main.c', 'helper.c'], ['-g', '-O2']).elf);
    const target = (path: string): StructType => {
      const type = stripType(info.struct('everything')?.member(path)?.type as Type);
      return (type.kind === 'pointer' ? type.target : type) as StructType;
    };
    expect(target('hidden')).toMatchObject({ name: 'unit_private', size: 20, isComplete: true });
    expect(target('hidden').member('letter')?.offset).toBe(16);
    expect(target('nowhere')).toMatchObject({ name: 'never_defined', size: 0, isComplete: false });
    expect(target('link').member('next')?.offset).toBe(0);
    expect(info.struct('never_defined')).toBeUndefined();
  });
});
