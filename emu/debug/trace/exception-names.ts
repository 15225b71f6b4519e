/** Exceptions by their vectors, as the AMD manual names them (APM vol. 2, table 8-1). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'divide error'],
  [1, 'debug exception'],
  [2, 'non-maskable interrupt'],
  [3, 'breakpoint'],
  [4, 'overflow'],
  [5, 'bound range'],
  [6, 'invalid opcode'],
  [7, 'device not available'],
  [8, 'double fault'],
  [10, 'invalid TSS'],
  [11, 'segment not present'],
  [12, 'stack fault'],
  [13, 'general protection'],
  [14, 'page fault'],
  [16, 'x87 exception'],
  [17, 'alignment check'],
  [18, 'machine check'],
  [19, 'SIMD exception'],
]);

export function exceptionName(vector: number): string {
  return NAMES.get(vector) ?? `exception ${vector}`;
}
