import type { Instruction, StepRecord } from '../debug/stepper.ts';

const hex = (value: bigint): string => value.toString(16);
const ADDRESS_WIDTH = 16;
const SYMBOL_WIDTH = 28;
const TEXT_WIDTH = 40;
const POSITION_WIDTH = 9;

/** Position, address, symbol and text of an instruction. */
export function instructionLine({ position, address, symbol, text }: Instruction): string {
  return [
    String(position).padStart(POSITION_WIDTH),
    hex(address).padStart(ADDRESS_WIDTH, '0'),
    (symbol ?? '').padEnd(SYMBOL_WIDTH),
    text,
  ].join('  ');
}

/** An instruction, and the registers that it changed. */
export function stepLine(record: StepRecord): string {
  const changes = record.changes.map(({ register, to }) => `${register}=${hex(to)}`).join(' ');
  const text = record.delivery ? `(interrupt or exception before: ${record.text})` : record.text;
  const line = instructionLine({ ...record, text: text.padEnd(TEXT_WIDTH) });
  return `${line}  ${changes}`.trimEnd();
}

/** A step as a line of NDJSON has it. */
export function stepObject(record: StepRecord): object {
  return {
    schema: 'puffer-step',
    version: 1,
    position: record.position,
    address: `0x${hex(record.address)}`,
    symbol: record.symbol,
    file: record.file,
    line: record.line,
    bytes: Array.from(record.bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    text: record.text,
    delivery: record.delivery,
    changes: record.changes.map(({ register, from, to }) => ({
      register,
      from: `0x${hex(from)}`,
      to: `0x${hex(to)}`,
    })),
  };
}
