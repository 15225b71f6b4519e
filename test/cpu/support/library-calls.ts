import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlatMachine } from '../../../emu/cpu/flat.ts';
import { ElfFile } from '../../../emu/symbols/elf.ts';
import { SymbolTable } from '../../../emu/symbols/symbol-table.ts';

/** An argument: an integer, or the address of a byte of the call's buffer. */
export type Argument = bigint | { readonly offset: number };

/** A call of a library's routine with integers and pointers into one buffer. */
export interface LibraryCall {
  readonly routine: string;
  readonly arguments: readonly Argument[];
  /** `BUFFER_SIZE` bytes. */
  readonly buffer: Uint8Array;
}

/** What came of it: rax, and the buffer. */
export interface LibraryResult {
  readonly value: bigint;
  readonly buffer: Uint8Array;
}

export const BUFFER_SIZE = 4096;
/** Integer arguments that travel in registers (System V ABI for AMD64, section 3.2.3), by register number. */
const ARGUMENT_REGISTERS = [7, 6, 2, 1, 8, 9];
const RAX = 0;
const RSP = 4;

const PAGE = 0x1000n;
const PAGE_MASK = ~(PAGE - 1n);
const TEXT = 0x40_0000;
const BUFFER = 0x1000_0000n;
const STACK = 0x2000_0000n;
const STACK_SIZE = 0x1_0000;
/** Where the routines return to. */
const RETURN = 0x3000_0000n;
const RAM_SIZE = 2 ** 22;
/** Steps of one call. */
const BUDGET = 1_000_000;

const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;

const DRIVER = fileURLToPath(new URL('library-driver.c', import.meta.url));

/** The path of a static library as gcc finds it; undefined when it is not installed. */
export function staticLibrary(name: string): string | undefined {
  const path = spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim();
  // gcc gives the bare name back when it knows no such file.
  return path?.startsWith('/') ? path : undefined;
}

/** Calls the routines natively: a driver is linked with the libraries and run. */
export function callNatively(
  libraries: readonly string[],
  routines: readonly string[],
  calls: readonly LibraryCall[],
): LibraryResult[] {
  return inDirectory((directory) => {
    const path = (name: string): string => join(directory, name);
    writeFileSync(path('routines.h'), routines.map((name) => `ROUTINE(${name})\n`).join(''));
    const flags = ['-O2', '-static', '-Wno-builtin-declaration-mismatch', '-DROUTINES="routines.h"'];
    command('gcc', [...flags, '-I', directory, '-o', path('driver'), DRIVER, ...libraries]);
    const run = spawnSync(path('driver'), [], {
      input: encodeCalls(routines, calls),
      maxBuffer: calls.length * (8 + BUFFER_SIZE) + 1,
    });
    if (run.status !== 0) throw new Error(`the driver ended with ${run.status ?? run.signal}`);
    return decodeResults(run.stdout);
  });
}

/** Calls the routines on puffer, flat in ring 3: the same object files, linked alone and loaded at their addresses. */
export function callFlat(
  libraries: readonly string[],
  routines: readonly string[],
  calls: readonly LibraryCall[],
): LibraryResult[] {
  const file = inDirectory((directory) => {
    const output = join(directory, 'routines');
    const wanted = routines.flatMap((name) => ['-u', name]);
    const place = ['-z', 'noexecstack', '-e', '0', `-Ttext-segment=0x${TEXT.toString(16)}`];
    command('ld', ['-static', '-nostdlib', ...place, ...wanted, '-o', output, ...libraries]);
    return new Uint8Array(readFileSync(output));
  });
  const elf = ElfFile.parse(file);
  const symbols = SymbolTable.open(elf);
  const machine = load(elf);
  return calls.map((call) => {
    const entry = symbols.addressOf(call.routine);
    if (entry === undefined) throw new Error(`the libraries have no ${call.routine}`);
    machine.resetState();
    machine.write(BUFFER, call.buffer);
    call.arguments.forEach((argument, index) => {
      const value = typeof argument === 'bigint' ? argument : BUFFER + BigInt(argument.offset);
      machine.registers[ARGUMENT_REGISTERS[index] as number] = value;
    });
    const stack = STACK + BigInt(STACK_SIZE) - 8n;
    machine.write(stack, new Uint8Array(BigUint64Array.of(RETURN).buffer));
    machine.registers[RSP] = stack;
    machine.rip = entry;
    const outcome = machine.run({ until: RETURN, budget: BUDGET });
    if (outcome.reason !== 'until') {
      const why = outcome.reason === 'fault' ? `exception ${outcome.fault.vector}` : outcome.reason;
      throw new Error(`${call.routine}: ${why} at 0x${machine.rip.toString(16)}`);
    }
    return { value: machine.registers[RAX] as bigint, buffer: machine.read(BUFFER, BUFFER_SIZE) };
  });
}

function load(elf: ElfFile): FlatMachine {
  const machine = new FlatMachine({ ramSize: RAM_SIZE });
  for (const { type, flags, virtualAddress, memorySize, data } of elf.segments) {
    if (type !== PT_LOAD) continue;
    const start = virtualAddress & PAGE_MASK;
    const end = (virtualAddress + BigInt(memorySize) + PAGE - 1n) & PAGE_MASK;
    const permissions = { user: true, writable: (flags & PF_W) !== 0, executable: (flags & PF_X) !== 0 };
    machine.map(start, Number(end - start), permissions);
    machine.write(virtualAddress, data);
  }
  machine.map(BUFFER, BUFFER_SIZE, { user: true, writable: true });
  machine.map(STACK, STACK_SIZE, { user: true, writable: true });
  machine.map(RETURN, Number(PAGE), { user: true, executable: true });
  machine.setMode({ ring: 3, bits: 64 });
  return machine;
}

function encodeCalls(routines: readonly string[], calls: readonly LibraryCall[]): Uint8Array {
  const words = 2 + ARGUMENT_REGISTERS.length;
  const size = words * 8 + BUFFER_SIZE;
  const bytes = new Uint8Array(calls.length * size);
  calls.forEach((call, index) => {
    const head = new BigUint64Array(words);
    head[0] = BigInt(routines.indexOf(call.routine));
    let pointers = 0n;
    call.arguments.forEach((argument, at) => {
      head[1 + at] = typeof argument === 'bigint' ? argument : BigInt(argument.offset);
      if (typeof argument !== 'bigint') pointers |= 1n << BigInt(at);
    });
    head[words - 1] = pointers;
    bytes.set(new Uint8Array(head.buffer), index * size);
    bytes.set(call.buffer, index * size + words * 8);
  });
  return bytes;
}

function decodeResults(bytes: Uint8Array): LibraryResult[] {
  const size = 8 + BUFFER_SIZE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, index) => ({
    value: view.getBigUint64(index * size, true),
    buffer: bytes.slice(index * size + 8, (index + 1) * size),
  }));
}

function command(name: string, operands: readonly string[]): void {
  const run = spawnSync(name, operands, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${name}: ${run.error?.message ?? run.stderr}`);
}

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-library-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
