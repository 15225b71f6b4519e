import type { Crash } from './campaign.ts';
import { describeFinding } from './findings.ts';
import { THREAD_STACK, THREAD_STACK_SIZE } from './layout.ts';
import { allCalls, type FuzzArgument, type FuzzCall } from './program.ts';

const LINE = 72;
/** A session without a terminal, and the null device in the terminal's place. */
const DAEMON = [
  'int null = open("/dev/null", O_RDWR);',
  '',
  'setsid();',
  'dup2(null, 0);',
  'dup2(null, 1);',
  'dup2(null, 2);',
  'close(null);',
] as const;

/** The program of a crash as a C program for the guest: `puffer boot --add crash.c --run crash`. */
export function writeProgramInC(crash: Crash): string {
  return new CWriter(crash).write();
}

class CWriter {
  readonly #crash: Crash;
  readonly #memory: string[] = [];
  readonly #pointers: string[] = [];
  /** The name of a call's first argument, when it lies in memory. */
  readonly #first = new Map<number, string>();
  #names = 0;
  #handler = false;

  constructor(crash: Crash) {
    this.#crash = crash;
  }

  write(): string {
    const { program, finding } = this.#crash;
    const all = allCalls(program.calls);
    const values = new Map(
      all.map((one) => [one.id, one.arguments.map((argument, index) => this.#place(one, argument, index))]),
    );
    const lines = this.#calls(program.calls, values, 1);
    const most = Math.max(0, ...all.map(({ id }) => id)) + 1;
    const { fault, interrupt } = program;
    const interrupted = all.find(({ id }) => id === interrupt?.call)?.name;
    return `/* SPDX-License-Identifier: ISC */
/*
${comment(describeFinding(finding))}
${fault === undefined ? '' : `${comment(`Call ${fault.nth} of ${fault.function} must fail with ${fault.value} meanwhile.`)}\n`}${interrupt === undefined ? '' : `${comment(`${interrupt.source === 'timer' ? 'The timer' : 'The terminal'} must interrupt ${interrupt.step} steps after the entry of ${interrupted ?? 'a call'}: see program.json.`)}\n`} */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

long r[${most}];	/* what the calls returned */
${this.#handler ? '\nvoid\nhandler(int signum)\n{\n}\n' : ''}${this.#memory.length > 0 ? `\n${this.#memory.join('\n')}\n` : ''}
/* A system call as it is: rax afterwards, which is errno when it failed. */
static inline __attribute__((always_inline)) long
make(long number, long a, long b, long c, long d, long e, long f, long g)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long rax;

	__asm__ volatile("subq $128, %%rsp; pushq %[g]; pushq $0; syscall;"
	    "leaq 144(%%rsp), %%rsp" : "=a" (rax), "+d" (c) :
	    "0" (number), "D" (a), "S" (b), "r" (r10), "r" (r8), "r" (r9),
	    [g] "b" (g) : "rcx", "r11", "memory", "cc");
	return rax;
}

void
run(void)
{
${[...this.#preparation(all), ...this.#pointers, ...lines].map((line) => (line === '' ? '' : `\t${line}`)).join('\n')}
}

int
main(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		run();
		_exit(0);
	}
	sleep(1);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1)
		continue;
	return 0;
}
`;
  }

  #preparation(all: readonly FuzzCall[]): string[] {
    const { session, user } = this.#crash.program;
    const lines = session ? [...DAEMON] : ['setpgid(0, 0);'];
    if (all.some(({ name }) => name === '__tfork')) {
      lines.push(
        `mmap((void *)${hex(THREAD_STACK)}, ${hex(THREAD_STACK_SIZE)}, PROT_READ | PROT_WRITE,`,
        '    MAP_PRIVATE | MAP_ANON | MAP_FIXED | MAP_STACK, -1, 0);',
      );
    }
    if (user !== 0) lines.push(`setuid(${user});`);
    return lines;
  }

  #calls(
    calls: readonly FuzzCall[],
    values: ReadonlyMap<number, readonly string[]>,
    depth: number,
  ): string[] {
    return calls.flatMap((one) => {
      const args = [...(values.get(one.id) ?? [])];
      while (args.length < 7) args.push('0');
      const made = `r[${one.id}] = make(SYS_${one.name}, ${args.slice(0, 7).join(', ')});`;
      if (one.child === undefined) return [wrapped(made)];
      const ending = one.name === '__tfork' ? 'make(SYS___threxit, 0, 0, 0, 0, 0, 0, 0);' : '_exit(0);';
      const body = [...this.#calls(one.child, values, depth + 1), ending].map((line) => `\t${line}`);
      return [wrapped(made), `if (r[${one.id}] == 0) {`, ...body.flatMap((line) => line.split('\n')), '}'];
    });
  }

  #place(one: FuzzCall, argument: FuzzArgument, index: number): string {
    const value = this.#value(argument);
    if (index === 0) this.#first.set(one.id, value);
    return value;
  }

  #value(argument: FuzzArgument): string {
    if (typeof argument === 'number') return String(argument);
    if (typeof argument === 'string') return `${argument}L`;
    if ('result' in argument) return `r[${argument.result}]`;
    if ('end' in argument) {
      const at = this.#first.get(argument.end);
      return at === undefined ? '-1' : `((int *)${at})[${argument.index}]`;
    }
    if ('text' in argument) return `(long)${JSON.stringify(argument.text)}`;
    if ('bad' in argument) return argument.bad === 'kernel' ? '0xffffffff81000000L' : '0x1000L';
    if ('handler' in argument) {
      this.#handler = true;
      return '(long)handler';
    }
    const name = `m${this.#names++}`;
    const bytes = argument.bytes.match(/../g) ?? [];
    this.#memory.push(
      `char ${name}[${Math.max(1, bytes.length)}] __attribute__((aligned(16)))${initialiser(bytes)};`,
    );
    for (const { offset, to } of argument.pointers ?? []) {
      this.#pointers.push(`*(long *)(${name} + ${offset}) = ${this.#value(to)};`);
    }
    return `(long)${name}`;
  }
}

function initialiser(bytes: readonly string[]): string {
  if (bytes.every((byte) => byte === '00')) return '';
  if (bytes.every((byte) => byte === bytes[0])) {
    return ` =\n    { [0 ... ${bytes.length - 1}] = 0x${bytes[0]} }`;
  }
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    rows.push(
      `\t${bytes
        .slice(at, at + 8)
        .map((byte) => `0x${byte}`)
        .join(', ')}`,
    );
  }
  return ` = {\n${rows.join(',\n')}\n}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A statement over two lines when one is too long. */
function wrapped(line: string): string {
  if (line.length <= LINE) return line;
  const at = line.lastIndexOf(', ', LINE);
  return at < 0 ? line : `${line.slice(0, at + 1)}\n\t    ${line.slice(at + 2)}`;
}

function comment(text: string): string {
  return text
    .replaceAll('*/', '* /')
    .split('\n')
    .flatMap((line) => line.match(/.{1,72}(\s|$)/g) ?? [line])
    .map((line) => ` * ${line.trimEnd()}`)
    .join('\n');
}
