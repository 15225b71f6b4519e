import { BaseType } from '../../symbols/index.ts';
import { CValue, FORMAT_LETTERS, type FormatLetter, hexadecimal } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer } from './command.ts';
import { disassemble } from './disassembly.ts';

const SIZES: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 };
const LINE_BYTES = 16;
const COUNT_LIMIT = 100_000;
const STRING_LIMIT = 4096;

/** What the last `x` used: the next one goes on with it. */
interface ExaminePlan {
  readonly count: number;
  readonly format: FormatLetter | 'i';
  readonly size: number;
}

const plans = new WeakMap<DebugSession, ExaminePlan & { next: bigint }>();

function planOf(session: DebugSession, modifiers: string): ExaminePlan {
  const before = plans.get(session) ?? { format: 'x' as const, size: 4 };
  const [whole, count, letters = ''] = /^(\d+)?([a-z]*)$/.exec(modifiers) ?? [];
  if (whole === undefined)
    throw new DebugError('usage', `'/${modifiers}' is no format: x/COUNT FORMAT SIZE, such as x/8xg`);
  let { format, size } = before;
  for (const letter of letters) {
    const known = FORMAT_LETTERS.find((one) => one === letter);
    if (SIZES[letter] !== undefined) size = SIZES[letter];
    else if (letter === 'i') format = 'i';
    else if (known !== undefined) format = known;
    else
      throw new DebugError(
        'usage',
        `'${letter}' is neither a format (${FORMAT_LETTERS.join(' ')} i) nor a size (b h w g)`,
      );
  }
  if (format === 'a') size = 8;
  if (format === 'c' && !/[bhwg]/.test(letters)) size = 1;
  const number = Number(count ?? 1);
  if (number < 1 || number > COUNT_LIMIT)
    throw new DebugError('usage', `a count from 1 to ${COUNT_LIMIT} is wanted`);
  return { count: number, format, size };
}

/** Memory as gdb's x shows it. An empty address goes on where the last one ended. Throws DebugError and ExpressionError. */
export function examine(session: DebugSession, modifiers: string, argument: string): Answer {
  const plan = planOf(session, modifiers);
  const address = argument === '' ? plans.get(session)?.next : session.values.addressOf(argument);
  if (address === undefined) throw new DebugError('usage', 'x needs an address the first time');
  if (plan.format === 'i') {
    const { answer: shown, next } = disassemble(session, address, plan.count);
    plans.set(session, { ...plan, next });
    return shown;
  }
  return plan.format === 's' ? strings(session, plan, address) : words(session, plan, address);
}

/** As `examine`, without becoming what the next x goes on with: for a display. */
export function examineAside(session: DebugSession, modifiers: string, argument: string): Answer {
  const before = plans.get(session);
  try {
    return examine(session, modifiers, argument);
  } finally {
    if (before === undefined) plans.delete(session);
    else plans.set(session, before);
  }
}

function words(session: DebugSession, plan: ExaminePlan, address: bigint): Answer {
  const { count, size } = plan;
  const format = plan.format === 'x' ? 'z' : (plan.format as FormatLetter);
  const type = new BaseType(
    `${size}`,
    size,
    plan.format === 'd' || plan.format === 'c' ? 'signed' : 'unsigned',
  );
  const perLine = plan.format === 'a' ? 2 : Math.max(1, LINE_BYTES / size);
  const bytes = session.selection.readSome(address, count * size);
  const values: string[] = [];
  const lines: string[] = [];
  const whole = Math.floor(bytes.length / size);
  for (let index = 0; index < whole; index++) {
    const at = address + BigInt(index * size);
    const value = CValue.of(type, bytes.subarray(index * size, (index + 1) * size));
    const text = session.values.format(value, format);
    values.push(text);
    if (index % perLine === 0) lines.push(label(session, at));
    lines[lines.length - 1] += `\t${text}`;
  }
  if (whole < count)
    lines.push(`cannot access memory at address ${hexadecimal(address + BigInt(whole * size))}`);
  plans.set(session, { ...plan, next: address + BigInt(whole * size) });
  return answer(lines.join('\n'), { address, size, format: plan.format, values });
}

function strings(session: DebugSession, plan: ExaminePlan, address: bigint): Answer {
  const lines: string[] = [];
  const values: string[] = [];
  let at = address;
  for (let index = 0; index < plan.count; index++) {
    const bytes = session.selection.readSome(at, STRING_LIMIT);
    if (bytes.length === 0) {
      lines.push(`cannot access memory at address ${hexadecimal(at)}`);
      break;
    }
    const end = bytes.indexOf(0);
    const text = JSON.stringify(
      new TextDecoder('latin1').decode(bytes.subarray(0, end < 0 ? bytes.length : end)),
    );
    values.push(text);
    lines.push(`${label(session, at)}\t${text}`);
    at += BigInt((end < 0 ? bytes.length : end) + 1);
  }
  plans.set(session, { ...plan, next: at });
  return answer(lines.join('\n'), { address, format: 's', values });
}

function label(session: DebugSession, address: bigint): string {
  const symbol = session.values.symbolOf(address);
  return `${hexadecimal(address)}${symbol === undefined ? '' : ` <${symbol}>`}:`;
}
