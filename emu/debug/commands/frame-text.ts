import type { LocalVariable } from '../../symbols/index.ts';
import { ExpressionError } from '../expressions/index.ts';
import type { DebugSession } from '../session/session.ts';
import type { StackLevel } from '../stack/call-stack.ts';
import { Scope } from '../stack/scope.ts';
import { SIGNAL_HANDLER_CALLED } from '../stack/signal-trampoline.ts';

/** A stack level as data. */
export interface FrameData {
  readonly level: number;
  readonly address: bigint;
  readonly program: string | undefined;
  readonly function: string | undefined;
  readonly offset: number | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly inlined: boolean;
  readonly arguments: Readonly<Record<string, string>>;
}

export function frameData(session: DebugSession, level: StackLevel, index: number): FrameData {
  return {
    level: index,
    address: level.address,
    program: level.program?.name,
    function: level.function,
    offset: level.offset,
    file: level.file,
    line: level.line,
    inlined: level.isInlined,
    arguments: Object.fromEntries(argumentsOf(session, level)),
  };
}

/** The parameters of a level with their values as text. */
export function argumentsOf(session: DebugSession, level: StackLevel): [name: string, value: string][] {
  const scope = new Scope(level, session.debuggee.programs, session.selection.readMemory);
  return scope
    .locals()
    .filter(({ isParameter }) => isParameter)
    .map((local) => [local.name, valueText(session, scope, local)]);
}

/** A variable's value, or why it has none. */
export function valueText(session: DebugSession, scope: Scope, local: LocalVariable): string {
  try {
    const value = scope.localValue(local);
    const text = session.values.format(value);
    // Within a list, a pointer's type would say what the declaration says.
    return text.replace(/^\([^()]*\*\) (0x[0-9a-f]+)/, '$1');
  } catch (error) {
    if (error instanceof ExpressionError && error.code === 'optimised-out') return '<optimized out>';
    if (error instanceof ExpressionError) return `<${error.message}>`;
    throw error;
  }
}

/** `#1  0xffffffff81008e76 in sys_fork (p=0x…) at guest/sys/kern/kern_fork.c:66`, as gdb has it. */
export function frameLine(session: DebugSession, level: StackLevel, index: number, width = 2): string {
  if (level.function === SIGNAL_HANDLER_CALLED)
    return `#${String(index).padEnd(width)} ${SIGNAL_HANDLER_CALLED}\n`;
  const list = argumentsOf(session, level)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const isAtLine = level.isInlined || isLineStart(level);
  const address =
    isAtLine && (index === 0 || level.isInlined)
      ? ''
      : `0x${level.address.toString(16).padStart(16, '0')} in `;
  const name = level.function ?? '??';
  const program =
    level.program === undefined || level.program.name === 'kernel' ? '' : ` [${level.program.name}]`;
  const place =
    level.file === undefined ? '' : ` at ${level.file}${level.line === undefined ? '' : `:${level.line}`}`;
  return `#${String(index).padEnd(width)} ${address}${name} (${list})${place}${program}\n`;
}

/** The machine is about to begin a source line, not in the middle of one. */
export function isLineStart({ program, address }: StackLevel): boolean {
  return program?.image.lines.statementAt(address) !== undefined;
}

/** The source line of a level, with its number; nothing when the source is not at hand. */
export function sourceLine(session: DebugSession, level: StackLevel): string {
  if (level.file === undefined || level.line === undefined) return '';
  const text = session.sources.line(level.file, level.line);
  return text === undefined ? '' : `${level.line}\t${text}\n`;
}
