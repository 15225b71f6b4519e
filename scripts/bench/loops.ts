import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from './child.ts';

/** A loop to be timed: flat 64-bit code that falls off its end when it is done. */
export interface Loop {
  readonly name: string;
  /** GNU as, Intel syntax, numeric labels. */
  readonly source: string;
  /** Instructions it executes. */
  readonly steps: number;
}

/** Where loops run and what they touch: physical = linear addresses. */
export const PLACES = { code: 0x10_0000, data: 0x20_0000, stack: 0x30_0000, size: 0x40_0000 } as const;

const XORSHIFT_TURNS = 20_000_000;
const XORSHIFT_STEPS = 12;
const COPY_TURNS = 2_000;
const COPY_WORDS = 8_192;
const COPY_STEPS = 8;
const FIBONACCI = 32;

/** Register arithmetic: xorshift, 12 instructions a turn. */
const xorshift = `
  mov rcx, ${XORSHIFT_TURNS}
  mov rax, 88172645463325252
1: mov rdx, rax
  shl rdx, 13
  xor rax, rdx
  mov rdx, rax
  shr rdx, 7
  xor rax, rdx
  mov rdx, rax
  shl rdx, 17
  xor rax, rdx
  add rbx, rax
  dec rcx
  jnz 1b`;

/** Load, add, store, xor over 8,192 quadwords. */
const copy = `
  mov r8, ${COPY_TURNS}
2: mov rcx, ${COPY_WORDS}
  mov rsi, ${PLACES.data}
  mov rdi, ${PLACES.data + COPY_WORDS * 8}
1: mov rax, [rsi]
  add rax, rbx
  mov [rdi], rax
  xor rbx, rax
  add rsi, 8
  add rdi, 8
  dec rcx
  jnz 1b
  dec r8
  jnz 2b`;

/** Recursive Fibonacci numbers, with calls and a stack. */
const recursion = `
  mov edi, ${FIBONACCI}
  call 3f
  jmp 4f
3: push rbx
  push rbp
  mov ebx, edi
  cmp edi, 2
  jb 1f
  lea edi, [rbx-1]
  call 3b
  mov ebp, eax
  lea edi, [rbx-2]
  call 3b
  add eax, ebp
  jmp 2f
1: mov eax, edi
2: pop rbp
  pop rbx
  ret
4: nop`;

/** Instructions of a call that makes no further calls, and of one that makes two. */
const LEAF_STEPS = 9;
const INNER_STEPS = 15;
const RECURSION_FRAME_STEPS = 4;

function recursionSteps(n: number): number {
  let [smaller, calls] = [
    { leaves: 1, inner: 0 },
    { leaves: 1, inner: 0 },
  ];
  for (let k = 2; k <= n; k++) {
    const next = { leaves: calls.leaves + smaller.leaves, inner: calls.inner + smaller.inner + 1 };
    [smaller, calls] = [calls, next];
  }
  return calls.leaves * LEAF_STEPS + calls.inner * INNER_STEPS + RECURSION_FRAME_STEPS;
}

export const loops: readonly Loop[] = [
  { name: 'compute (xorshift)', source: xorshift, steps: XORSHIFT_TURNS * XORSHIFT_STEPS + 2 },
  {
    name: `copy (${COPY_WORDS.toLocaleString('en-US')} quadwords)`,
    source: copy,
    steps: COPY_TURNS * (COPY_WORDS * COPY_STEPS + 5) + 1,
  },
  { name: `recursion (fib ${FIBONACCI})`, source: recursion, steps: recursionSteps(FIBONACCI) },
];

/** Assembles and links text at an address with GNU as and ld. Returns the bytes of the file made. Throws BenchError. */
export function assemble(
  source: string,
  linkerOptions: readonly string[] = ['--oformat', 'binary', '-Ttext', '0', '-e', '0'],
): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-bench-'));
  try {
    writeFileSync(join(directory, 'source.s'), `.intel_syntax noprefix\n${source}\n`);
    command('as', ['--64', '-o', 'object.o', 'source.s'], directory);
    command('ld', [...linkerOptions, '-o', 'image', 'object.o'], directory);
    return new Uint8Array(readFileSync(join(directory, 'image')));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function command(name: string, operands: readonly string[], cwd: string): void {
  const run = spawnSync(name, operands, { cwd, encoding: 'utf8' });
  if (run.status !== 0) throw new BenchError(`${name}: ${run.error?.message ?? run.stderr}`);
}
