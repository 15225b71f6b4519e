import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer } from './command.ts';

const LONGEST_INSTRUCTION = 15;
/** A function is shown whole up to here. */
const INSTRUCTION_LIMIT = 10_000;

/** An instruction as data. */
export interface InstructionData {
  readonly address: bigint;
  readonly symbol: string | undefined;
  readonly bytes: string;
  readonly text: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

function instructionAt(
  session: DebugSession,
  address: bigint,
): (InstructionData & { length: number }) | undefined {
  const code = session.selection.readSome(address, LONGEST_INSTRUCTION);
  if (code.length === 0) return undefined;
  const { values, debuggee, selection } = session;
  const { text, length } = debuggee.disassembler.one(code, address, 64, (target) => values.symbolOf(target));
  const place = debuggee.programs.at(address, selection.process, selection.readMemory)?.place(address);
  const bytes = Array.from(code.subarray(0, length), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return {
    address,
    symbol: values.symbolOf(address),
    bytes,
    text,
    file: place?.file,
    line: place?.line,
    length,
  };
}

/** So many instructions. */
export function disassemble(
  session: DebugSession,
  address: bigint,
  count: number,
): { answer: Answer; next: bigint } {
  const found: InstructionData[] = [];
  let at = address;
  while (found.length < count) {
    const instruction = instructionAt(session, at);
    if (instruction === undefined) break;
    found.push(instruction);
    at += BigInt(instruction.length);
  }
  const end = found.length < count ? `cannot access memory at address 0x${at.toString(16)}\n` : '';
  return { answer: answer(found.map((one) => line(session, one)).join('') + end, found), next: at };
}

function line(session: DebugSession, { address, symbol, text, bytes }: InstructionData, raw = false): string {
  const mark = address === session.selection.level?.address ? '=>' : '  ';
  return `${mark} 0x${address.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}:\t${raw ? `${bytes}\t` : ''}${text}\n`;
}

/** The instructions of a range, with the source lines they were made of between them. Throws DebugError 'not-found'. */
export function disassembleRange(
  session: DebugSession,
  low: bigint,
  high: bigint,
  options: { readonly source: boolean; readonly raw: boolean },
): Answer {
  const found: InstructionData[] = [];
  const lines: string[] = [];
  let last = '';
  for (let at = low; at < high && found.length < INSTRUCTION_LIMIT; ) {
    const instruction = instructionAt(session, at);
    if (instruction === undefined) break;
    const { file, line: number } = instruction;
    const place = `${file}:${number}`;
    if (options.source && file !== undefined && number !== undefined && place !== last) {
      lines.push(`${file}:${number}\n`);
      const text = session.sources.line(file, number);
      if (text !== undefined) lines.push(`${number}\t${text}\n`);
      last = place;
    }
    found.push(instruction);
    lines.push(line(session, instruction, options.raw));
    at += BigInt(instruction.length);
  }
  if (found.length === 0) throw new DebugError('not-found', `there is no code at 0x${low.toString(16)}`);
  return answer(lines.join(''), found);
}
