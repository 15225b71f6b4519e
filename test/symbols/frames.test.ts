import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CallFrameTable,
  DebugInfo,
  type FrameState,
  type LocalVariable,
  readLocation,
  readValue,
  stripType,
  type TablesAt,
  unwind,
} from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { type GdbFrame, type Stopped, stopAt } from './gdb-frames.ts';
import { type BuiltProgram, gcc, gdb, open as openProgram, readelf, run, workshop } from './programs.ts';
import { readelfCallFrames, readerCallFrames } from './readelf-frames.ts';
import { baseName } from './readelf-lines.ts';

const VARIANTS = [
  { name: 'DWARF 5, -O2', flags: ['-gdwarf-5', '-O2'] },
  { name: 'DWARF 4, -O2', flags: ['-gdwarf-4', '-O2'] },
  { name: 'DWARF 5, -O0', flags: ['-gdwarf-5', '-O0'] },
  { name: '.debug_frame, -O2', flags: ['-gdwarf-5', '-O2', '-fno-asynchronous-unwind-tables'] },
  {
    name: 'as the kernel is built',
    flags: [
      '-gdwarf-5',
      '-O2',
      '-fno-omit-frame-pointer',
      '-fno-optimize-sibling-calls',
      '-fno-asynchronous-unwind-tables',
    ],
  },
];

/** Places to stop, each as gdb commands. */
const STOPS = [
  { name: 'at the entry of leaf', commands: ['break *leaf', 'run'] },
  { name: 'in the middle of inlined calls', commands: ['break main.c:12', 'run', 'stepi 2'] },
  { name: 'in a function called through a pointer', commands: ['break plain_handler', 'run'] },
  { name: 'below a recursion', commands: ['break nothing', 'run'] },
];

interface Shown {
  readonly value: string;
  readonly reason: string;
}

interface OurFrame {
  readonly pc: bigint | undefined;
  readonly name: string;
  readonly place: string;
  readonly variable: (name: string) => Shown;
}

const tablesOf = ({ elf }: BuiltProgram): TablesAt => {
  const tables = { frames: CallFrameTable.open(elf) };
  return () => tables;
};

/** The reader's stack in the shape of gdb's: inlined calls are frames of their own. */
function ourFrames(program: BuiltProgram, stopped: Stopped): OurFrame[] {
  const info = DebugInfo.open(program.elf);
  const { readMemory } = stopped;
  const stack = [...unwind(stopped.registers, readMemory, tablesOf(program))];
  const states: FrameState[] = [];
  for (const frame of stack.reverse()) states.unshift({ ...frame, readMemory, caller: states[0] });
  return states.flatMap((state, index) => {
    const locals = info.locals(state.lookupPc);
    return info.framesAt(state.lookupPc).map(({ name, file, line }, level) => {
      const scope = locals.filter((local) => local.level === level);
      const shown = index === 0 && level === 0 ? stopLine(info, state.pc) : line;
      return {
        pc: level === 0 ? state.pc : undefined,
        name,
        place: `${baseName(file ?? '')}:${shown}`,
        variable: (wanted: string) =>
          show(
            info,
            scope.find((local) => local.name === wanted),
            state,
          ),
      };
    });
  });
}

/** Of several rows at the very address of a stop gdb prefers the last one that begins a statement. */
function stopLine(info: DebugInfo, pc: bigint): number | undefined {
  const rows = [...info.lines.rows()].filter((row) => row.address === pc && !row.endSequence);
  return (rows.findLast(({ isStmt }) => isStmt) ?? info.lines.at(pc))?.line;
}

function show(info: DebugInfo, local: LocalVariable | undefined, frame: FrameState): Shown {
  if (local === undefined) return { value: 'not in scope', reason: '' };
  const location = info.locate(local, frame);
  const bytes = readLocation(location, local.type.size, frame);
  const reason = location.kind === 'optimised-out' ? location.reason : 'a part or register is not known';
  if (bytes === undefined) return { value: '<optimized out>', reason };
  const value = readValue(local.type, bytes);
  const isPointer = stripType(local.type).kind === 'pointer';
  return { value: isPointer ? `0x${value?.toString(16)}` : String(value), reason: '' };
}

describeWithOracle([gcc, gdb, readelf], 'frames', () => {
  const { build, directory } = workshop();

  for (const { name, flags } of VARIANTS) {
    const program = build(
      `frames ${name}`.replace(/\W+/g, '-'),
      ['main.c', 'helper.c'],
      ['-g', '-no-pie', ...flags],
    );

    test(`call-frame rows are readelf's (${name})`, () => {
      const theirs = readelfCallFrames(program.path);
      expect(theirs.size).toBeGreaterThan(15);
      const ours = readerCallFrames(
        CallFrameTable.open(program.elf),
        [...theirs.keys()],
        [...theirs.values()].map((row) => [...row.keys()]),
      );
      expect(ours).toEqual(theirs);
    });

    for (const stop of STOPS) {
      test(`the stack ${stop.name} is gdb's, with its variables (${name})`, () => {
        const stopped = stopAt(program.path, join(directory, 'core'), stop.commands);
        const depth = stopped.frames.findIndex((frame: GdbFrame) => frame.name === 'main') + 1;
        expect(depth).toBeGreaterThan(1);
        const theirs = stopped.frames.slice(0, depth);
        const ours = ourFrames(program, stopped).slice(0, depth);
        expect(ours.map((frame) => `${frame.name} ${frame.place}`)).toEqual(
          theirs.map((frame) => `${frame.name} ${frame.place}`),
        );
        // gdb leaves out the pc of the innermost frame when it begins a line.
        expect(ours.map(({ pc }) => pc).slice(1)).toEqual(theirs.map(({ pc }) => pc).slice(1));
        theirs.forEach((frame, index) => {
          for (const [variable, value] of frame.variables) {
            const { value: our, reason } = ours[index]?.variable(variable) ?? { value: '', reason: '' };
            expect(our, `${variable} of ${frame.name}: ${reason}`).toBe(value);
          }
        });
      });
    }
  }

  test('without call-frame information the chain of frame pointers leads to the same callers', () => {
    const program = build(
      'chain',
      ['main.c', 'helper.c'],
      ['-g', '-no-pie', '-O2', '-fno-omit-frame-pointer'],
    );
    const stopped = stopAt(program.path, join(directory, 'core'), ['break nothing', 'run', 'up 0']);
    const bare = join(directory, 'bare');
    run('objcopy', '--remove-section', '.eh_frame', program.path, bare);
    const withRules = [...unwind(stopped.registers, stopped.readMemory, tablesOf(program))];
    const withPointers = [...unwind(stopped.registers, stopped.readMemory, tablesOf(openProgram(bare)))];
    // The innermost function, a bare `ret`, has not set up its frame pointer: only its caller is missed.
    expect(withPointers[1]?.pc).toBe(withRules[2]?.pc);
    expect(withPointers.slice(1, 4).map(({ foundBy }) => foundBy)).toEqual(Array(3).fill('frame-pointer'));
  });
});
