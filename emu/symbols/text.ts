const decoder = new TextDecoder();
const LAST_ASCII = 0x7f;
const SHORT_STRING = 32;

/** The text in `bytes[start, end)`: ASCII directly (names are short), anything else as UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT_STRING) {
    let text = '';
    for (let index = start; index < end; index++) {
      const byte = bytes[index] ?? 0;
      if (byte > LAST_ASCII) return decoder.decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** The NUL-terminated string at `start`, or undefined when `start` is outside or no NUL follows before `end`. */
export function cStringAt(bytes: Uint8Array, start: number, end = bytes.length): string | undefined {
  if (!(start >= 0 && start < end)) return undefined;
  const nul = bytes.indexOf(0, start);
  return nul < 0 || nul >= end ? undefined : decodeText(bytes, start, nul);
}
