/** Loaded before a program (`node --import`): writes the process's peak resident memory in bytes to file descriptor 3 when it ends. */
import { existsSync, readFileSync, writeSync } from 'node:fs';

const STATUS = '/proc/self/status';
const KIB = 1024;

function peak(): number {
  // The kernel's `ru_maxrss` outlives exec and may be that of the process that started this one; VmHWM is this program's own.
  const line = existsSync(STATUS) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8')) : null;
  return line === null ? process.resourceUsage().maxRSS * KIB : Number(line[1]) * KIB;
}

process.on('exit', () => writeSync(3, String(peak())));
