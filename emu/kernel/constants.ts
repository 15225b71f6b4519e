/**
 * Names for numbers that the preprocessor has eaten before the debugging information could keep them: OpenBSD 6.6.
 * Each table names the header it speaks for.
 */

/** One bit of a flag word. */
export type FlagNames = readonly (readonly [value: number, name: string])[];

/** `ps_flags` of struct process (sys/proc.h). */
export const PROCESS_FLAGS: FlagNames = [
  [0x1, 'PS_CONTROLT'],
  [0x2, 'PS_EXEC'],
  [0x4, 'PS_INEXEC'],
  [0x8, 'PS_EXITING'],
  [0x10, 'PS_SUGID'],
  [0x20, 'PS_SUGIDEXEC'],
  [0x40, 'PS_PPWAIT'],
  [0x80, 'PS_ISPWAIT'],
  [0x100, 'PS_PROFIL'],
  [0x200, 'PS_TRACED'],
  [0x400, 'PS_WAITED'],
  [0x800, 'PS_COREDUMP'],
  [0x1000, 'PS_SINGLEEXIT'],
  [0x2000, 'PS_SINGLEUNWIND'],
  [0x4000, 'PS_NOZOMBIE'],
  [0x8000, 'PS_STOPPED'],
  [0x1_0000, 'PS_SYSTEM'],
  [0x2_0000, 'PS_EMBRYO'],
  [0x4_0000, 'PS_ZOMBIE'],
  [0x8_0000, 'PS_NOBROADCASTKILL'],
  [0x10_0000, 'PS_PLEDGE'],
  [0x20_0000, 'PS_WXNEEDED'],
  [0x40_0000, 'PS_EXECPLEDGE'],
];

/** `p_flag` of struct proc (sys/proc.h). */
export const THREAD_FLAGS: FlagNames = [
  [0x1, 'P_INKTR'],
  [0x2, 'P_PROFPEND'],
  [0x4, 'P_ALRMPEND'],
  [0x8, 'P_SIGSUSPEND'],
  [0x10, 'P_CANTSLEEP'],
  [0x40, 'P_SELECT'],
  [0x80, 'P_SINTR'],
  [0x200, 'P_SYSTEM'],
  [0x400, 'P_TIMEOUT'],
  [0x2000, 'P_WEXIT'],
  [0x8000, 'P_OWEUPC'],
  [0x8_0000, 'P_SUSPSINGLE'],
  [0x80_0000, 'P_CONTINUED'],
  [0x400_0000, 'P_THREAD'],
  [0x800_0000, 'P_SUSPSIG'],
  [0x1000_0000, 'P_SOFTDEP'],
  [0x4000_0000, 'P_CPUPEG'],
];

/** `flags` of fork1() (sys/proc.h). */
export const FORK_FLAGS: FlagNames = [
  [0x1, 'FORK_FORK'],
  [0x2, 'FORK_VFORK'],
  [0x4, 'FORK_IDLE'],
  [0x8, 'FORK_PPWAIT'],
  [0x10, 'FORK_SHAREFILES'],
  [0x20, 'FORK_SYSTEM'],
  [0x40, 'FORK_NOZOMBIE'],
  [0x80, 'FORK_SHAREVM'],
  [0x200, 'FORK_SIGHAND'],
  [0x400, 'FORK_PTRACE'],
];

/** RFLAGS as OpenBSD calls its bits (machine/psl.h). */
export const PROCESSOR_FLAGS: FlagNames = [
  [0x1, 'C'],
  [0x4, 'PF'],
  [0x10, 'AF'],
  [0x40, 'Z'],
  [0x80, 'N'],
  [0x100, 'T'],
  [0x200, 'I'],
  [0x400, 'D'],
  [0x800, 'V'],
  [0x4000, 'NT'],
  [0x1_0000, 'RF'],
  [0x2_0000, 'VM'],
  [0x4_0000, 'AC'],
  [0x8_0000, 'VIF'],
  [0x10_0000, 'VIP'],
  [0x20_0000, 'ID'],
];
/** PSL_C: the carry flag tells user mode that a system call failed. */
export const PSL_C = 0x1n;

/** `p_stat` of struct proc (sys/proc.h), by value. */
export const THREAD_STATES: readonly (string | undefined)[] = [
  undefined,
  'SIDL',
  'SRUN',
  'SSLEEP',
  'SSTOP',
  'SZOMB',
  'SDEAD',
  'SONPROC',
];

/** `access_type` of uvm_fault() (sys/mman.h: PROT_READ, PROT_WRITE, PROT_EXEC). */
export const PROTECTION: FlagNames = [
  [0x1, 'read'],
  [0x2, 'write'],
  [0x4, 'exec'],
];

/** `fault_type` of uvm_fault() (uvm/uvm_extern.h), by value. */
export const FAULT_TYPES: readonly string[] = ['VM_FAULT_INVALID', 'VM_FAULT_PROTECT'];

/** Index of the limit on processes in `pl_rlimit` (sys/resource.h). */
export const RLIMIT_NPROC = 7;

/** System calls that make processes and threads (sys/syscall.h). */
export const SYS_fork = 2;
export const SYS___tfork = 8;
export const SYS_vfork = 66;

/** Signals by number (sys/signal.h). */
const SIGNALS: readonly string[] = [
  'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD',
  'TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2 THR',
].flatMap((line) => line.split(' '));

/** Errors by number (sys/errno.h), those a kernel without a network knows. */
const ERRORS = new Map<number, string>([
  [-2, 'EJUSTRETURN'],
  [-1, 'ERESTART'],
  ...[
    'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EDEADLK ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST',
    'EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE',
    'EAGAIN EINPROGRESS EALREADY ENOTSOCK',
  ]
    .flatMap((line) => line.split(' '))
    .map((name, index): [number, string] => [index + 1, name]),
  [45, 'EOPNOTSUPP'],
  [60, 'ETIMEDOUT'],
  [61, 'ECONNREFUSED'],
  [62, 'ELOOP'],
  [63, 'ENAMETOOLONG'],
  [66, 'ENOTEMPTY'],
  [67, 'EPROCLIM'],
  [68, 'EUSERS'],
  [77, 'ENOLCK'],
  [78, 'ENOSYS'],
  [87, 'EOVERFLOW'],
  [88, 'ECANCELED'],
  [91, 'ENOTSUP'],
  [95, 'EPROTO'],
]);

/** System-call numbers of 6.6 (sys/syscall.h): used where a kernel has no `syscallnames` of its own. */
const SYSTEM_CALLS = new Map<number, string>(
  [
    '0 syscall, 1 exit, 2 fork, 3 read, 4 write, 5 open, 6 close, 7 getentropy, 8 __tfork, 9 link, 10 unlink, 11 wait4',
    '12 chdir, 13 fchdir, 14 mknod, 15 chmod, 16 chown, 17 break, 18 getdtablecount, 19 getrusage, 20 getpid, 21 mount',
    '22 unmount, 23 setuid, 24 getuid, 25 geteuid, 26 ptrace, 33 access, 36 sync, 38 stat, 39 getppid, 40 lstat, 41 dup',
    '42 fstatat, 43 getegid, 44 profil, 45 ktrace, 46 sigaction, 47 getgid, 48 sigprocmask, 52 sigpending, 53 fstat',
    '54 ioctl, 55 reboot, 57 symlink, 58 readlink, 59 execve, 60 umask, 61 chroot, 66 vfork, 67 gettimeofday',
    '68 settimeofday, 69 setitimer, 70 getitimer, 71 select, 72 kevent, 73 munmap, 74 mprotect, 75 madvise, 76 utimes',
    '77 futimes, 79 getgroups, 80 setgroups, 81 getpgrp, 82 setpgid, 83 futex, 84 utimensat, 85 futimens, 86 kbind',
    '87 clock_gettime, 88 clock_settime, 89 clock_getres, 90 dup2, 91 nanosleep, 92 fcntl, 94 __thrsleep, 95 fsync',
    '96 setpriority, 97 socket, 98 connect, 99 getdents, 100 getpriority, 101 pipe2, 102 dup3, 103 sigreturn, 108 pledge',
    '109 ppoll, 110 pselect, 111 sigsuspend, 114 unveil, 115 __realpath, 119 thrkill, 120 readv, 121 writev, 122 kill',
    '123 fchown, 124 fchmod, 126 setreuid, 127 setregid, 128 rename, 131 flock, 132 mkfifo, 136 mkdir, 137 rmdir',
    '147 setsid, 181 setgid, 182 setegid, 183 seteuid, 191 pathconf, 192 fpathconf, 194 getrlimit, 195 setrlimit',
    '197 mmap, 198 __syscall, 199 lseek, 200 truncate, 201 ftruncate, 202 sysctl, 207 getpgid, 209 utrace, 250 minherit, 252 poll',
    '253 issetugid, 255 getsid, 263 pipe, 269 kqueue, 281 getresuid, 282 setresuid, 283 getresgid, 284 setresgid',
    '287 closefrom, 288 sigaltstack, 298 sched_yield, 299 getthrid, 301 __thrwakeup, 302 __threxit, 304 __getcwd',
    '321 openat, 329 __set_tcb, 330 __get_tcb',
  ]
    .flatMap((line) => line.split(', '))
    .map((entry): [number, string] => {
      const [number = '', name = ''] = entry.split(' ');
      return [Number(number), name];
    }),
);

/** The names of the bits that are set, lowest first; bits without a name come last, as one hexadecimal number. */
export function decodeFlags(value: number, names: FlagNames): string[] {
  const found: string[] = [];
  // Flag words have 32 bits, which JavaScript's bit operators take as signed.
  let rest = value >>> 0;
  for (const [bit, name] of names) {
    if ((rest & bit) === 0) continue;
    found.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) found.push(`0x${rest.toString(16)}`);
  return found;
}

/** `ps_flags` as names. */
export function decodePsFlags(value: number): string[] {
  return decodeFlags(value, PROCESS_FLAGS);
}

/** `p_flag` as names. */
export function decodePFlag(value: number): string[] {
  return decodeFlags(value, THREAD_FLAGS);
}

/** fork1()'s flags as names. */
export function decodeForkFlags(value: number): string[] {
  return decodeFlags(value, FORK_FLAGS);
}

/** `p_stat` as a name; a number that is none stays one. */
export function threadStateName(value: number): string {
  return THREAD_STATES[value] ?? `p_stat ${value}`;
}

/** `SIGCHLD`; a number that is no signal stays one. */
export function signalName(number: number): string {
  const name = SIGNALS[number - 1];
  return name === undefined ? `signal ${number}` : `SIG${name}`;
}

/** `EAGAIN`; a number that is no error stays one. */
export function errorName(number: number): string {
  return ERRORS.get(number) ?? `error ${number}`;
}

/** The 6.6 name of a system call. */
export function systemCallName(number: number): string | undefined {
  return SYSTEM_CALLS.get(number);
}

/** Low bits of a wait status that hold the signal (sys/wait.h). */
const STATUS_SIGNAL = 0o177;
const STATUS_STOPPED = 0o177;
const STATUS_CORE = 0o200;
const STATUS_CONTINUED = 0o177777;

/** A wait status in words: `exit 0`, `SIGKILL`, `SIGSEGV, core`, `stopped by SIGTSTP`, `continued`. */
export function describeWaitStatus(status: number): string {
  if (status === STATUS_CONTINUED) return 'continued';
  const signal = status & STATUS_SIGNAL;
  const high = (status >> 8) & 0xff;
  if (signal === 0) return `exit ${high}`;
  if (signal === STATUS_STOPPED) return `stopped by ${signalName(high)}`;
  return signalName(signal) + ((status & STATUS_CORE) !== 0 ? ', core' : '');
}
