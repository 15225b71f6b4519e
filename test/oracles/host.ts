import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, packageRoot } from './host-paths.ts';
import {
  codeAddress,
  endAddress,
  FXSAVE_BYTES,
  GPRS,
  isEndTrap,
  LOCAL_SEGMENTS,
  type LocalSegment,
  type MemoryChunk,
  type Outcome,
  PAGE_FAULT,
  type Runner,
  regions,
  startSegments,
  type UserCase,
} from './user-case.ts';

/** The records of host-cpu.c: sizes in bytes, OPTION_FX, STOP_HANG and the Linux signal that a forbidden system call raises. */
const CASE_HEADER = 16 + GPRS * 8 + 4 * 8;
const OUTCOME_HEADER = 16 + 6 * 8 + GPRS * 8 + 16;
const CHUNK_HEADER = 16;
const OPTION_FX = 1;
const OPTION_32 = 2;
const STOP_HANG = 0;
const SIGSYS = 31;

/**
 * Linux reports a page fault at the end of the lower half, or above, as a protection violation whatever the page tables say, so that nobody
 * learns their layout. The bit is cleared here: a machine whose upper half is empty finds nothing present.
 */
const FIRST_KERNEL_ADDRESS = 0x7fff_ffff_f000n;
const PAGE_FAULT_PRESENT = 1n;

const CASES_PER_WRITE = 2048;

export class HostCpuError extends Error {
  readonly code = 'ERR_HOST_CPU';
  override readonly name = 'HostCpuError';
}

/** Why this machine cannot serve as an oracle, or undefined when it can. */
export function hostCpuUnavailable(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the host is not x86-64 Linux';
  if (spawnSync('gcc', ['--version']).error) return 'gcc is missing: install the package gcc';
  return undefined;
}

/** Compiles test/oracles/native/host-cpu.c once for each version of its source; returns the program's path. */
function compileHostProgram(): string {
  const source = join(packageRoot(), 'test/oracles/native/host-cpu.c');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const program = join(cacheDirectory(), `host-cpu-${key}`);
  if (existsSync(program)) return program;
  mkdirSync(cacheDirectory(), { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const gcc = spawnSync('gcc', ['-O2', '-Wall', '-o', unfinished, source], { encoding: 'utf8' });
  if (gcc.status !== 0) throw new HostCpuError(`gcc could not compile ${source}: ${gcc.stderr || gcc.error}`);
  renameSync(unfinished, program);
  return program;
}

function padded(length: number): number {
  return (length + 7) & ~7;
}

function encodedSize(test: UserCase): number {
  let size = CASE_HEADER + (test.fx ? FXSAVE_BYTES : 0) + padded(test.code.length);
  for (const chunk of test.memory) size += CHUNK_HEADER + padded(chunk.bytes.length);
  return size;
}

function encode(cases: readonly UserCase[]): Uint8Array {
  let total = 0;
  for (const test of cases) total += encodedSize(test);
  const bytes = new Uint8Array(total);
  const u16 = new Uint16Array(bytes.buffer);
  const u32 = new Uint32Array(bytes.buffer);
  const u64 = new BigUint64Array(bytes.buffer);
  let at = 0;
  for (const test of cases) {
    const options = (test.fx ? OPTION_FX : 0) | (test.bits === 32 ? OPTION_32 : 0);
    u32.set([encodedSize(test), options, test.code.length, test.memory.length], at / 4);
    u64.set(test.registers, at / 8 + 2);
    u64.set([BigInt(test.flags), test.fsBase ?? 0n, test.gsBase ?? 0n], at / 8 + 2 + GPRS);
    const { ds, es, fs, gs } = startSegments(test);
    u16.set([ds, es, fs, gs], at / 2 + (2 + GPRS + 3) * 4);
    at += CASE_HEADER;
    if (test.fx) {
      bytes.set(test.fx, at);
      at += FXSAVE_BYTES;
    }
    bytes.set(test.code, at);
    at += padded(test.code.length);
    for (const chunk of test.memory) {
      u64.set([chunk.address, BigInt(chunk.bytes.length)], at / 8);
      bytes.set(chunk.bytes, at + CHUNK_HEADER);
      at += CHUNK_HEADER + padded(chunk.bytes.length);
    }
  }
  return bytes;
}

/** `record` starts at a multiple of 8 in its buffer and is whole. */
function decode(test: UserCase, record: Uint8Array): Outcome {
  const u32 = new Uint32Array(record.buffer, record.byteOffset, 4);
  const u64 = new BigUint64Array(record.buffer, record.byteOffset, record.byteLength / 8);
  const stop = u32[1] as number;
  const vector = u32[2] as number;
  const chunkCount = u32[3] as number;
  const [errorCode, address, rip, rflags, fsBase, gsBase] = u64.subarray(2, 8) as unknown as bigint[];
  const selectors = new Uint16Array(record.buffer, record.byteOffset + (8 + GPRS) * 8, 6);
  const [ds, es, fs, gs, cs, ss] = selectors as unknown as [number, number, number, number, number, number];
  let at = OUTCOME_HEADER;
  let fx: Uint8Array | undefined;
  if (test.fx) {
    fx = record.slice(at, at + FXSAVE_BYTES);
    at += FXSAVE_BYTES;
  }
  const memory: MemoryChunk[] = [];
  for (let i = 0; i < chunkCount; i++) {
    const length = Number(u64[at / 8 + 1]);
    memory.push({
      address: u64[at / 8] as bigint,
      bytes: record.slice(at + CHUNK_HEADER, at + CHUNK_HEADER + length),
    });
    at += CHUNK_HEADER + padded(length);
  }
  const state = {
    registers: u64.slice(8, 8 + GPRS),
    flags: Number(rflags),
    fsBase: fsBase as bigint,
    gsBase: gsBase as bigint,
    segments: { ds, es, fs, gs, cs, ss },
    memory,
    ...(fx && { fx }),
  };
  const ripOffset = (rip as bigint) - codeAddress(test);
  if (stop === STOP_HANG) return { ...state, end: 'hang', ripOffset };
  if (stop === SIGSYS) return { ...state, end: 'system call', ripOffset };
  if (isEndTrap(test, vector, rip as bigint)) {
    return { ...state, end: 'end', ripOffset: endAddress(test) - codeAddress(test) };
  }
  if (vector !== PAGE_FAULT) {
    return { ...state, end: 'fault', ripOffset, fault: { vector, errorCode: Number(errorCode) } };
  }
  const kernelAddress = (address as bigint) >= FIRST_KERNEL_ADDRESS;
  const code = kernelAddress ? (errorCode as bigint) & ~PAGE_FAULT_PRESENT : (errorCode as bigint);
  return {
    ...state,
    end: 'fault',
    ripOffset,
    fault: { vector, errorCode: Number(code), address: address as bigint },
  };
}

/** Runs user cases on the processor this process runs on. Throws HostCpuError when the native program cannot be built or dies. */
export class HostCpu implements Runner {
  readonly name = 'host CPU';
  private readonly child: ChildProcessWithoutNullStreams;
  private pending: { test: UserCase; resolve: (outcome: Outcome) => void; reject: (e: Error) => void }[] = [];
  private nextPending = 0;
  private received: Uint8Array[] = [];
  private receivedBytes = 0;
  private complaints = '';

  constructor() {
    const describeRegion = (region: (typeof regions)[number]) =>
      `${region.start.toString(16)}:${region.length.toString(16)}:${region.permissions}`;
    this.child = spawn(
      compileHostProgram(),
      [...LOCAL_SEGMENTS.map(describeSegment), ...regions.map(describeRegion)],
      { stdio: 'pipe' },
    );
    this.child.stderr.on('data', (text) => {
      this.complaints += text;
    });
    this.child.stdout.on('data', (bytes: Uint8Array) => this.receive(bytes));
    this.child.stdin.on('error', () => {}); // the exit below says more than EPIPE
    this.child.on('close', (code, signal) => {
      const why = `host-cpu ended (${signal ?? code}) ${this.complaints}`;
      for (const { reject } of this.pending.slice(this.nextPending)) reject(new HostCpuError(why));
      this.pending = [];
      this.nextPending = 0;
    });
  }

  async run(cases: readonly UserCase[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let at = 0; at < cases.length; at += CASES_PER_WRITE) {
      outcomes.push(...(await this.runSome(cases.slice(at, at + CASES_PER_WRITE))));
    }
    return outcomes;
  }

  close(): void {
    this.child.stdin.end();
  }

  private runSome(cases: readonly UserCase[]): Promise<Outcome[]> {
    if (this.child.exitCode !== null) throw new HostCpuError(`host-cpu has ended: ${this.complaints}`);
    const results = cases.map(
      (test) => new Promise<Outcome>((resolve, reject) => this.pending.push({ test, resolve, reject })),
    );
    this.child.stdin.write(encode(cases));
    return Promise.all(results);
  }

  private receive(bytes: Uint8Array): void {
    this.received.push(bytes);
    this.receivedBytes += bytes.length;
    const all = new Uint8Array(this.receivedBytes);
    let filled = 0;
    for (const part of this.received) {
      all.set(part, filled);
      filled += part.length;
    }
    let at = 0;
    while (all.length - at >= OUTCOME_HEADER) {
      const size = new Uint32Array(all.buffer, at, 1)[0] as number;
      if (all.length - at < size) break;
      const expected = this.pending[this.nextPending++];
      expected?.resolve(decode(expected.test, all.subarray(at, at + size)));
      at += size;
    }
    this.received = [all.subarray(at)];
    this.receivedBytes = all.length - at;
    if (this.nextPending === this.pending.length) {
      this.pending = [];
      this.nextPending = 0;
    }
  }
}

const CONTENTS = { data: 0, 'expand-down': 1, code: 2 } as const;

/** `ldt:INDEX:BASE:LIMIT:BITS`, the bits in the order of struct user_desc. */
function describeSegment(segment: LocalSegment, index: number): string {
  const bits =
    (segment.short === true ? 0 : 1) |
    (CONTENTS[segment.kind] << 1) |
    (segment.restricted === true ? 8 : 0) |
    (segment.pages === true ? 16 : 0) |
    (segment.absent === true ? 32 : 0);
  return `ldt:${[BigInt(index), segment.base, BigInt(segment.limit), BigInt(bits)].map((value) => value.toString(16)).join(':')}`;
}
