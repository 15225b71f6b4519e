import type { KernelEvent } from './events.ts';
import { hex } from './hexadecimal.ts';

/** A JSON replacer: a bigint becomes "0x…" (a negative one "-0x…"). */
export function encodeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? hex(value) : value;
}

/** Anything as JSON text with its 64-bit values as "0x…" strings. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, encodeBigint, indent);
}

/** An event as one line of NDJSON, line feed included. */
export function encodeEvent(event: KernelEvent): string {
  return `${toJson(event)}\n`;
}
