/** Numbers of the guest's system call interface, by the names of its headers (`guest/sys/sys`). */

/** sys/fcntl.h: flags of open(2), pipe2(2), dup3(2). */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  ACCMODE: 3,
  NONBLOCK: 0x4,
  APPEND: 0x8,
  NOFOLLOW: 0x100,
  CREAT: 0x200,
  TRUNC: 0x400,
  EXCL: 0x800,
  CLOEXEC: 0x1_0000,
  DIRECTORY: 0x2_0000,
} as const;

/** sys/fcntl.h: commands of fcntl(2). */
export const F = {
  DUPFD: 0,
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  GETOWN: 5,
  SETOWN: 6,
  GETLK: 7,
  DUPFD_CLOEXEC: 10,
  ISATTY: 11,
} as const;
export const FD_CLOEXEC = 1;

/** sys/fcntl.h: of the calls whose names end in "at". */
export const AT = { FDCWD: -100, SYMLINK_NOFOLLOW: 2 } as const;

/** sys/unistd.h. */
export const SEEK = { SET: 0, CUR: 1, END: 2 } as const;
export const R_OK = 4;
export const W_OK = 2;
export const X_OK = 1;
/** sys/unistd.h: names of pathconf(2). */
export const PC = { LINK_MAX: 1, NAME_MAX: 4, PATH_MAX: 5, PIPE_BUF: 6, VDISABLE: 9 } as const;

/** sys/stat.h: `st_mode`. */
export const S = {
  IFMT: 0o170_000,
  IFIFO: 0o010_000,
  IFCHR: 0o020_000,
  IFDIR: 0o040_000,
  IFREG: 0o100_000,
  IFLNK: 0o120_000,
} as const;
/** sys/stat.h: instead of nanoseconds, in utimensat(2). */
export const UTIME = { NOW: -2, OMIT: -1 } as const;

/** sys/syslimits.h. */
export const LIMIT = { NAME_MAX: 255, PATH_MAX: 1024, PIPE_BUF: 512, OPEN_MAX: 64, NGROUPS_MAX: 16 } as const;
/** sys/param.h: symbolic links that one path may lead through. */
export const MAXSYMLINKS = 32;
/** sys/pipe.h: bytes that a pipe holds. */
export const PIPE_SIZE = 16_384;

/** sys/mman.h. */
export const PROT = { NONE: 0, READ: 1, WRITE: 2, EXEC: 4 } as const;
export const MAP = {
  SHARED: 1,
  PRIVATE: 2,
  FIXED: 0x10,
  NOREPLACE: 0x800,
  ANON: 0x1000,
  STACK: 0x4000,
} as const;
export const MAP_INHERIT = { SHARE: 0, COPY: 1, NONE: 2, ZERO: 3 } as const;
export const PAGE_SIZE = 4096;

/** sys/signal.h. */
export const SIG = {
  HUP: 1,
  INT: 2,
  TRAP: 5,
  ABRT: 6,
  KILL: 9,
  SEGV: 11,
  SYS: 12,
  PIPE: 13,
  ALRM: 14,
  STOP: 17,
  TSTP: 18,
  CONT: 19,
  TTIN: 21,
  TTOU: 22,
  XFSZ: 25,
  WINCH: 28,
  USR1: 30,
  USR2: 31,
} as const;
export const SA_SIGINFO = 0x40;
export const SIG_IGN = 1;

/** sys/wait.h. */
export const WNOHANG = 1;
export const WUNTRACED = 2;

/** sys/resource.h. */
export const RLIMIT = { FSIZE: 1, DATA: 2, NOFILE: 8 } as const;

/** sys/poll.h. */
export const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 0x10, NVAL: 0x20 } as const;

/** sys/event.h. */
export const EVFILT = { READ: -1, WRITE: -2, PROC: -5, SIGNAL: -6, TIMER: -7 } as const;
export const EV = {
  ADD: 1,
  DELETE: 2,
  ENABLE: 4,
  DISABLE: 8,
  ONESHOT: 0x10,
  CLEAR: 0x20,
  RECEIPT: 0x40,
  DISPATCH: 0x80,
  ERROR: 0x4000,
  EOF: 0x8000,
} as const;
export const NOTE = { EXIT: 0x8000_0000, FORK: 0x4000_0000, EXEC: 0x2000_0000, TRACK: 1, CHILD: 4 } as const;

/** sys/time.h. */
export const CLOCK = { REALTIME: 0, PROCESS_CPUTIME_ID: 2, MONOTONIC: 3, UPTIME: 5 } as const;
export const ITIMER = { REAL: 0, VIRTUAL: 1, PROF: 2 } as const;

/** sys/sysctl.h: the first and the second name. */
export const CTL = { KERN: 1, VM: 2, HW: 6, DDB: 9 } as const;
export const KERN = {
  OSTYPE: 1,
  OSRELEASE: 2,
  OSREV: 3,
  VERSION: 4,
  MAXPROC: 6,
  ARGMAX: 8,
  HOSTNAME: 10,
  BOOTTIME: 21,
  MAXTHREAD: 25,
  NTHREADS: 26,
  FORKSTAT: 42,
  NPROCS: 47,
  PROC: 66,
  GLOBAL_PTRACE: 81,
} as const;
export const KERN_PROC = { ALL: 0, PID: 1, PGRP: 2, UID: 5, RUID: 6, KTHREAD: 7 } as const;
export const HW = { MACHINE: 1, NCPU: 3, PAGESIZE: 7, PHYSMEM64: 19 } as const;
export const VM_UVMEXP = 4;

/** sys/ptrace.h and machine/ptrace.h. */
export const PT = {
  TRACE_ME: 0,
  READ_D: 2,
  WRITE_D: 5,
  CONTINUE: 7,
  KILL: 8,
  ATTACH: 9,
  DETACH: 10,
  IO: 11,
  SET_EVENT_MASK: 12,
  GET_EVENT_MASK: 13,
  GET_PROCESS_STATE: 14,
  GET_THREAD_FIRST: 15,
  GET_THREAD_NEXT: 16,
  STEP: 32,
  GETREGS: 33,
  SETREGS: 34,
  GETFPREGS: 35,
  SETFPREGS: 36,
} as const;
export const PIOD = { READ_D: 1, WRITE_D: 2 } as const;
export const PTRACE_FORK = 2;

/** sys/ktrace.h. */
export const KTROP = { SET: 0, CLEAR: 1, CLEARFILE: 2 } as const;
export const KTRFLAG_DESCEND = 4;
export const KTR = {
  START: 0x4b54_5200,
  SYSCALL: 1,
  SYSRET: 2,
  NAMEI: 3,
  GENIO: 4,
  PSIG: 5,
  STRUCT: 8,
  USER: 9,
} as const;
/** The bit of a facility in `ps_traceflag`. */
export const facility = (record: number): number => 1 << record;

/** sys/ioccom.h: how a command says which way its argument goes, and how long it is. */
const IOC = { VOID: 0x2000_0000, OUT: 0x4000_0000, IN: 0x8000_0000 } as const;
const command = (way: number, group: string, number: number, size: number): number =>
  way + size * 0x1_0000 + group.charCodeAt(0) * 0x100 + number;
const INT_SIZE = 4;
const WINSIZE_SIZE = 8;
const TERMIOS_SIZE = 44;

/** sys/filio.h. */
export const FIO = {
  CLEX: command(IOC.VOID, 'f', 1, 0),
  NCLEX: command(IOC.VOID, 'f', 2, 0),
  NBIO: command(IOC.IN, 'f', 126, INT_SIZE),
  NREAD: command(IOC.OUT, 'f', 127, INT_SIZE),
} as const;
/** sys/ttycom.h. */
export const TIOC = {
  FLUSH: command(IOC.IN, 't', 16, INT_SIZE),
  GETA: command(IOC.OUT, 't', 19, TERMIOS_SIZE),
  SETA: command(IOC.IN, 't', 20, TERMIOS_SIZE),
  SETAF: command(IOC.IN, 't', 22, TERMIOS_SIZE),
  DRAIN: command(IOC.VOID, 't', 94, 0),
  SCTTY: command(IOC.VOID, 't', 97, 0),
  GSID: command(IOC.OUT, 't', 99, INT_SIZE),
  SWINSZ: command(IOC.IN, 't', 103, WINSIZE_SIZE),
  GWINSZ: command(IOC.OUT, 't', 104, WINSIZE_SIZE),
  NOTTY: command(IOC.VOID, 't', 113, 0),
  STI: command(IOC.IN, 't', 114, 1),
  OUTQ: command(IOC.OUT, 't', 115, INT_SIZE),
  SPGRP: command(IOC.IN, 't', 118, INT_SIZE),
  GPGRP: command(IOC.OUT, 't', 119, INT_SIZE),
} as const;
/** Of a group that no driver knows. */
export const UNKNOWN_IOCTL = command(IOC.VOID, 'Z', 1, 0);
