import { parseNumber } from './hexadecimal.ts';
import { malformed } from './packet-error.ts';

/** Answers `qXfer:OBJECT:read:…OFFSET,LENGTH` with a part of the object: `m` before what is not the end, `l` before the end. Throws PacketError. */
export function objectPart(text: string, range: string): string {
  const [offset, length, ...rest] = range.split(',').map(parseNumber);
  if (offset === undefined || length === undefined || rest.length > 0) throw malformed('OFFSET,LENGTH');
  const part = text.slice(offset, offset + length);
  return `${offset + length >= text.length ? 'l' : 'm'}${part}`;
}
