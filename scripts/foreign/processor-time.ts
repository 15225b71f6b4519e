import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat after the command's name (proc(5)): user and system time, in clock ticks. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;
/** How often a child's time is looked at, in ms: what it used after the last look is missing. */
const INTERVAL = 50;

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** Seconds that this process has had a processor. */
export function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Watches how long a child has had a processor: what neighbours on a busy host do not change. */
export class ChildTime {
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  /** Seconds. */
  used = 0;

  constructor(pid: number) {
    this.#file = `/proc/${pid}/stat`;
    this.#timer = setInterval(() => this.look(), INTERVAL);
  }

  /** Looks now. A child that has gone keeps what it was last seen with. */
  look(): void {
    try {
      const stat = readFileSync(this.#file, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      this.used = (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) / ticksPerSecond;
    } catch {
      this.stop();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
