import type { StackLevel } from '../../../emu/debug/stack/call-stack.ts';
import type { StacksAt } from './frames-under-gdb.ts';
import { type ComparedFrame, compared, type FrameRegisters, registersByName } from './stacks.ts';

/** What two debuggers say differently of a moment's stack; empty when they agree. */
export function differences({ own, readable, gdb, user }: StacksAt): string[] {
  if (user === undefined) return differencesOf(own, gdb, readable);
  const { level } = user;
  return [
    ...differencesOf(own.slice(0, level), gdb.slice(0, level), level),
    ...differencesOf(own.slice(level), user.gdb, readable - level),
    ...registerDifferences(own[level], user.registers),
  ];
}

function registerDifferences(level: StackLevel | undefined, gdb: FrameRegisters): string[] {
  const values = level?.frame.registers ?? [];
  const own = registersByName((_, number) => values[number]);
  return Object.entries(gdb).flatMap(([name, value]) => {
    const ours = own[name as keyof FrameRegisters];
    return ours === value ? [] : [`the user's ${name} is ${hex(ours)}, gdb says ${hex(value)}`];
  });
}

/**
 * gdb ends where the page tables of the moment have no code, somewhere behind the `readable` levels. And it takes the return address of
 * code that an interrupt has entered for an instruction of its own: there our line is that of the call.
 */
export function differencesOf(
  own: readonly StackLevel[],
  gdb: readonly ComparedFrame[],
  readable: number,
): string[] {
  const count = Math.max(readable, gdb.length);
  return Array.from({ length: count }, (_, index) => {
    const [level, theirs] = [own[index], gdb[index]];
    const ours = level && compared(level);
    const isEntered = index > 0 && level?.frame.rules?.isSignalFrame === true;
    const shown = ours && theirs && isEntered ? { ...ours, place: theirs.place } : ours;
    return textOf(shown) === textOf(theirs) ? [] : [`#${index} ${textOf(ours)}; gdb says ${textOf(theirs)}`];
  }).flat();
}

function textOf(frame: ComparedFrame | undefined): string {
  if (frame === undefined) return 'nothing';
  const { pc, function: name, place, cfa } = frame;
  return `${hex(pc)} ${name ?? '?'} ${place ?? ''} frame ${hex(cfa)}`;
}

const hex = (value: bigint | undefined): string =>
  value === undefined ? 'unknown' : `0x${value.toString(16)}`;
