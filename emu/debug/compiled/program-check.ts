import { sizeOf } from '../../symbols/index.ts';
import { SAMPLE } from '../programs/programs.ts';
import type { CodeLocation } from '../stops/location.ts';
import type { Compiled } from './compile-expression.ts';
import { type GuestWords, highHalf, lowHalf } from './guest-words.ts';
import type { Reading } from './word-arithmetic.ts';

/**
 * Whether a process runs the program of a place, as `Programs.at` decides it: by the name that it runs under, and by a sample of the code
 * there. `comm` is the name, an array of characters. Leaves 1 or 0.
 */
export function programCheck(words: GuestWords, comm: Compiled, place: CodeLocation): Reading | undefined {
  const { locate } = comm;
  const { program, address } = place;
  const name = new TextEncoder().encode(program.name);
  const buffer = new Uint8Array(sizeOf(comm.type));
  const sample = program.bytesAt(address, SAMPLE);
  if (locate === undefined || sample === undefined || name.length >= buffer.length) return undefined;
  const code = new DataView(sample.buffer, sample.byteOffset, SAMPLE).getBigUint64(0, true);
  const [codeLow, codeHigh] = [lowHalf(code), highHalf(code)];
  const [low, high] = [lowHalf(address), highHalf(address)];
  return () => {
    if (!locate() || words.copyText(buffer) === 0) return false;
    const isNamed = buffer[name.length] === 0 && name.every((byte, index) => byte === buffer[index]);
    words.set(low, high);
    // Code that cannot be read is not known to be another's.
    const isOther = words.load(SAMPLE, false) && (words.low !== codeLow || words.high !== codeHigh);
    words.set(isNamed && !isOther ? 1 : 0, 0);
    return true;
  };
}
