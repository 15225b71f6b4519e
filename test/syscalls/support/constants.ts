/** What the kernel and its programs have agreed on: OpenBSD's values, from the headers named. */

/** sys/fcntl.h */
export const O_RDONLY = 0x0000;
export const O_WRONLY = 0x0001;
export const O_RDWR = 0x0002;
export const O_ACCMODE = 0x0003;
export const O_NONBLOCK = 0x0004;
export const O_APPEND = 0x0008;
export const O_NOFOLLOW = 0x0100;
export const O_CREAT = 0x0200;
export const O_TRUNC = 0x0400;
export const O_EXCL = 0x0800;
export const O_CLOEXEC = 0x1_0000;
export const O_DIRECTORY = 0x2_0000;
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_GETOWN = 5;
export const F_GETLK = 7;
export const F_DUPFD_CLOEXEC = 10;
export const F_ISATTY = 11;
export const FD_CLOEXEC = 1;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x02;

/** sys/unistd.h */
export const F_OK = 0;
export const X_OK = 1;
export const W_OK = 2;
export const R_OK = 4;
export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;
export const PC_LINK_MAX = 1;
export const PC_NAME_MAX = 4;
export const PC_PATH_MAX = 5;
export const PC_PIPE_BUF = 6;
export const PC_VDISABLE = 9;

/** sys/stat.h */
export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const UTIME_NOW = -2;
export const UTIME_OMIT = -1;

/** sys/mman.h */
export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_FIXED = 0x10;
export const MAP_NOREPLACE = 0x800;
export const MAP_ANON = 0x1000;
export const MAP_STACK = 0x4000;
export const MAP_INHERIT_SHARE = 0;
export const MAP_INHERIT_COPY = 1;
export const MAP_INHERIT_NONE = 2;
export const MAP_INHERIT_ZERO = 3;

/** sys/wait.h */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;

/** The wait status of a process that has exited, was killed, was stopped. */
export const exited = (status: number): number => (status & 0xff) << 8;
export const killed = (signal: number): number => signal;
export const stopped = (signal: number): number => (signal << 8) | 0o177;
export const CONTINUED = 0o177777;

/** sys/signal.h */
export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGKILL = 9;
export const SIGSEGV = 11;
export const SIGSYS = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTOP = 17;
export const SIGTSTP = 18;
export const SIGCONT = 19;
export const SIGCHLD = 20;
export const SIGTTOU = 22;
export const SIGXFSZ = 25;
export const SIGWINCH = 28;
export const SIGUSR1 = 30;
export const SIGUSR2 = 31;
export const NSIG = 33;
export const SIG_DFL = 0;
export const SIG_IGN = 1;
export const SA_ONSTACK = 0x01;
export const SA_RESTART = 0x02;
export const SA_RESETHAND = 0x04;
export const SA_NOCLDSTOP = 0x08;
export const SA_NODEFER = 0x10;
export const SA_NOCLDWAIT = 0x20;
export const SA_SIGINFO = 0x40;
export const SIG_BLOCK = 1;
export const SIG_UNBLOCK = 2;
export const SIG_SETMASK = 3;
export const SS_DISABLE = 4;
export const maskOf = (...signals: readonly number[]): number =>
  signals.reduce((mask, signal) => mask | (1 << (signal - 1)), 0) >>> 0;

/** sys/resource.h */
export const PRIO_PROCESS = 0;
export const RUSAGE_SELF = 0;
export const RUSAGE_CHILDREN = -1;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_NPROC = 7;
export const RLIMIT_NOFILE = 8;
export const RLIM_NLIMITS = 9;

/** sys/time.h */
export const CLOCK_REALTIME = 0;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_MONOTONIC = 3;
export const CLOCK_UPTIME = 5;
export const ITIMER_REAL = 0;

/** sys/poll.h */
export const POLLIN = 0x01;
export const POLLOUT = 0x04;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

/** sys/event.h */
export const EVFILT_READ = -1;
export const EVFILT_WRITE = -2;
export const EVFILT_PROC = -5;
export const EVFILT_SIGNAL = -6;
export const EVFILT_TIMER = -7;
export const EV_ADD = 0x01;
export const EV_DELETE = 0x02;
export const EV_ENABLE = 0x04;
export const EV_DISABLE = 0x08;
export const EV_ONESHOT = 0x10;
export const EV_CLEAR = 0x20;
export const EV_RECEIPT = 0x40;
export const EV_DISPATCH = 0x80;
export const EV_EOF = 0x8000;
export const EV_ERROR = 0x4000;
export const NOTE_EXIT = 0x8000_0000;
export const NOTE_FORK = 0x4000_0000;
export const NOTE_TRACK = 1;
export const NOTE_CHILD = 4;

/** sys/ptrace.h and machine/ptrace.h */
export const PT_TRACE_ME = 0;
export const PT_READ_D = 2;
export const PT_WRITE_D = 5;
export const PT_CONTINUE = 7;
export const PT_KILL = 8;
export const PT_ATTACH = 9;
export const PT_DETACH = 10;
export const PT_IO = 11;
export const PT_SET_EVENT_MASK = 12;
export const PT_GET_EVENT_MASK = 13;
export const PT_GET_PROCESS_STATE = 14;
export const PT_GET_THREAD_FIRST = 15;
export const PT_GET_THREAD_NEXT = 16;
export const PT_GETREGS = 33;
export const PT_SETREGS = 34;
export const PT_GETFPREGS = 35;
export const PT_SETFPREGS = 36;
export const PIOD_READ_D = 1;
export const PIOD_WRITE_D = 2;
export const PTRACE_FORK = 2;

/** sys/ktrace.h */
export const KTROP_SET = 0;
export const KTROP_CLEAR = 1;
export const KTROP_CLEARFILE = 2;
export const KTRFLAG_DESCEND = 4;
export const KTR_START = 0x4b54_5200;
export const KTR_SYSCALL = 1;
export const KTR_SYSRET = 2;
export const KTR_NAMEI = 3;
export const KTR_GENIO = 4;
export const KTR_STRUCT = 8;
export const KTR_USER = 9;
/** The bit of a kind of record among the facilities that are traced. */
export const ktrfac = (record: number): number => 1 << record;

/** sys/sysctl.h */
export const CTL_KERN = 1;
export const CTL_HW = 6;
export const KERN_OSTYPE = 1;
export const KERN_OSREV = 3;
export const KERN_MAXPROC = 6;
export const KERN_HOSTNAME = 10;
export const KERN_NTHREADS = 26;
export const KERN_NPROCS = 47;
export const KERN_PROC = 66;
export const KERN_PROC_ALL = 0;
export const KERN_PROC_PID = 1;
export const KERN_PROC_PGRP = 2;
export const KERN_PROC_UID = 5;
export const KERN_PROC_RUID = 6;
export const KERN_PROC_KTHREAD = 7;
export const HW_MACHINE = 1;
export const HW_NCPU = 3;
export const HW_PAGESIZE = 7;

/** sys/ttycom.h and sys/filio.h, by sys/ioccom.h */
const IOC_VOID = 0x2000_0000;
const IOC_OUT = 0x4000_0000;
const IOC_IN = 0x8000_0000;
const ioctl = (direction: number, group: string, number: number, size: number): number =>
  (direction | (size << 16) | (group.charCodeAt(0) << 8) | number) >>> 0;
export const TIOCFLUSH = ioctl(IOC_IN, 't', 16, 4);
export const TIOCDRAIN = ioctl(IOC_VOID, 't', 94, 0);
export const TIOCNOTTY = ioctl(IOC_VOID, 't', 113, 0);
export const TIOCSTI = ioctl(IOC_IN, 't', 114, 1);
export const TIOCOUTQ = ioctl(IOC_OUT, 't', 115, 4);
export const TIOCGWINSZ = ioctl(IOC_OUT, 't', 104, 8);
export const TIOCSWINSZ = ioctl(IOC_IN, 't', 103, 8);
export const TIOCGPGRP = ioctl(IOC_OUT, 't', 119, 4);
export const TIOCSPGRP = ioctl(IOC_IN, 't', 118, 4);
export const TIOCGETA = ioctl(IOC_OUT, 't', 19, 44);
export const TIOCSETA = ioctl(IOC_IN, 't', 20, 44);
export const TIOCGSID = ioctl(IOC_OUT, 't', 99, 4);
export const TIOCSCTTY = ioctl(IOC_VOID, 't', 97, 0);
export const FIOCLEX = ioctl(IOC_VOID, 'f', 1, 0);
export const FIONCLEX = ioctl(IOC_VOID, 'f', 2, 0);
export const FIONREAD = ioctl(IOC_OUT, 'f', 127, 4);
export const FIONBIO = ioctl(IOC_IN, 'f', 126, 4);
/** Of a group that no driver knows. */
export const UNKNOWN_IOCTL = ioctl(IOC_VOID, 'Z', 1, 0);

/** sys/syslimits.h and sys/param.h */
export const PATH_MAX = 1024;
export const NAME_MAX = 255;
export const OPEN_MAX = 64;
export const PIPE_BUF = 512;
export const NGROUPS_MAX = 16;
export const PAGE_SIZE = 4096;
export const PIPE_SIZE = 16_384;

/** guest/etc/passwd: the ordinary user. */
export const USER = 1000;
