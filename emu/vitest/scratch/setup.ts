import { type Check, checkOptions, members, text, wholeNumber, word } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { type Argument, Call } from './calls.ts';
import type { ScratchProcess } from './process.ts';

/** Limits by name, as sys/resource.h numbers them. */
const LIMITS = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  memlock: 6,
  nproc: 7,
  nofile: 8,
} as const;

/** What a process is to be before a test begins. It becomes so by system calls, in this order. */
export interface ProcessSetup {
  readonly cwd?: string | undefined;
  /** Soft limits by name; the hard ones stay. */
  readonly limits?: Readonly<Partial<Record<keyof typeof LIMITS, number>>> | undefined;
  /** Real, effective and saved ids. */
  readonly gid?: number | undefined;
  readonly uid?: number | undefined;
  readonly pledge?: string | undefined;
}

/** Of uid_t and gid_t: the highest is -1, which means none. */
const HIGHEST_ID = 2 ** 32 - 2;
const ID = wholeNumber(0, HIGHEST_ID);
const SETUP: Readonly<Record<keyof ProcessSetup, Check>> = {
  cwd: text,
  limits: members(Object.fromEntries(Object.keys(LIMITS).map((name) => [name, word]))),
  gid: ID,
  uid: ID,
  pledge: text,
};

/** Makes a process what a setup says. Throws GuestTestError 'bad-expectation' when the kernel refuses. */
export function setUp(process: ScratchProcess, setup: ProcessSetup): void {
  checkOptions('what a process is set up as', setup, SETUP);
  const { cwd, limits = {}, gid, uid, pledge } = setup;
  const must = (name: string, ...args: Argument[]): void => {
    const { errno } = process.syscall(new Call(name, args));
    if (errno !== 0)
      throw new GuestTestError(
        'bad-expectation',
        `the process cannot be set up: ${name}(2) returns ${errno}`,
      );
  };
  if (cwd !== undefined) must('chdir', cwd);
  for (const [name, soft] of Object.entries(limits)) {
    if (soft === undefined) continue;
    const number = LIMITS[name as keyof typeof LIMITS];
    const limit = process.user.struct('rlimit');
    must('getrlimit', number, limit);
    must(
      'setrlimit',
      number,
      process.user.struct('rlimit', { rlim_cur: soft, rlim_max: limit.get('rlim_max') as bigint | number }),
    );
  }
  if (gid !== undefined) {
    must('setgroups', 1, process.user.ints(gid));
    must('setgid', gid);
  }
  if (uid !== undefined) must('setuid', uid);
  if (pledge !== undefined) must('pledge', pledge, null);
}
