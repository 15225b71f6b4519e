import { existsSync } from 'node:fs';
import * as koffi from 'koffi';
import {
  CODE,
  changedRuns,
  endAddress,
  type Fault,
  FIXED_FLAGS,
  GENERAL_PROTECTION,
  GPRS,
  INT3,
  INVALID_OPCODE,
  isEndTrap,
  type MemoryChunk,
  type Outcome,
  PAGE_FAULT,
  type Region,
  type Runner,
  regions,
  type UserCase,
} from './user-case.ts';

/** Numbers of the Unicorn 2.0 interface (unicorn.h, x86.h). */
const UC_ARCH_X86 = 4;
const UC_MODE_64 = 8;
const UC_CTL_WRITE_TB_REMOVE_CACHE = 0x4800_0009;
const UC_HOOK_INTR = 1;
const UC_HOOK_CODE = 4;
const UC_HOOK_MEM_INVALID = 0x3f0;
const UC_ERR_OK = 0;
const UC_ERR_READ_UNMAPPED = 6;
const UC_ERR_WRITE_UNMAPPED = 7;
const UC_ERR_FETCH_UNMAPPED = 8;
const UC_ERR_INSN_INVALID = 10;
const UC_ERR_WRITE_PROT = 12;
const UC_ERR_READ_PROT = 13;
const UC_ERR_FETCH_PROT = 14;
const UC_PROT_READ = 1;
const UC_PROT_WRITE = 2;
const UC_PROT_EXEC = 4;
/** rax rcx rdx rbx rsp rbp rsi rdi r8 … r15, RIP, EFLAGS, FS base, GS base. */
const REGISTER_IDS = [
  35, 38, 40, 37, 44, 36, 43, 39, 106, 107, 108, 109, 110, 111, 112, 113, 41, 25, 250, 251,
];
const RIP = GPRS;
const EFLAGS = GPRS + 1;
const FS_BASE = GPRS + 2;
const GS_BASE = GPRS + 3;

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu/libunicorn.so.2', '/usr/lib/libunicorn.so.2'];
const CODE_BYTES = (regions.find((region) => region.start === CODE) as Region).length;
const TIMEOUT_MICROSECONDS = 500_000;

/** Page-fault error codes of user-mode accesses, by Unicorn's error. */
const pageFaultErrorCodes: Readonly<Record<number, number>> = {
  [UC_ERR_READ_UNMAPPED]: 0x04,
  [UC_ERR_WRITE_UNMAPPED]: 0x06,
  [UC_ERR_FETCH_UNMAPPED]: 0x14,
  [UC_ERR_READ_PROT]: 0x05,
  [UC_ERR_WRITE_PROT]: 0x07,
  [UC_ERR_FETCH_PROT]: 0x15,
};

export class UnicornError extends Error {
  readonly code = 'ERR_UNICORN';
  override readonly name = 'UnicornError';
}

/** Why Unicorn cannot be asked here, or undefined when it can. */
export function unicornUnavailable(): string | undefined {
  return LIBRARIES.some(existsSync)
    ? undefined
    : 'libunicorn.so.2 is missing: install the package libunicorn2';
}

function loadLibrary() {
  const path = LIBRARIES.find(existsSync);
  if (!path) throw new UnicornError(unicornUnavailable() as string);
  const library = koffi.load(path);
  return {
    open: library.func('int uc_open(int arch, int mode, _Out_ void **uc)'),
    close: library.func('int uc_close(void *uc)'),
    control: library.func('int uc_ctl(void *uc, int control, ...)'),
    mapPointer: library.func(
      'int uc_mem_map_ptr(void *uc, uint64_t address, size_t size, uint32_t protection, void *memory)',
    ),
    readRegisters: library.func('int uc_reg_read_batch(void *uc, const int *ids, void *values, int count)'),
    writeRegisters: library.func('int uc_reg_write_batch(void *uc, const int *ids, void *values, int count)'),
    start: library.func(
      'int uc_emu_start(void *uc, uint64_t begin, uint64_t until, uint64_t timeout, size_t count)',
    ),
    stop: library.func('int uc_emu_stop(void *uc)'),
    addHook: library.func(
      'int uc_hook_add(void *uc, _Out_ size_t *hook, int type, void *callback, void *user, uint64_t begin, uint64_t end, ...)',
    ),
    saveContext: library.func('int uc_context_save(void *uc, void *context)'),
    restoreContext: library.func('int uc_context_restore(void *uc, void *context)'),
    allocateContext: library.func('int uc_context_alloc(void *uc, _Out_ void **context)'),
    freeContext: library.func('int uc_context_free(void *context)'),
    interruptHook: koffi.proto('void', ['void *', 'uint32_t', 'void *']),
    memoryHook: koffi.proto('bool', ['void *', 'int', 'uint64_t', 'int', 'int64_t', 'void *']),
    codeHook: koffi.proto('void', ['void *', 'uint64_t', 'uint32_t', 'void *']),
  };
}

interface MappedRegion {
  readonly region: Region;
  readonly bytes: Uint8Array;
  readonly pristine: Uint8Array;
}

/**
 * Runs user cases on native Unicorn. It has no rings (cases run with all privileges), no XMM or x87 state here, and of a
 * fault it tells no more than `Outcome` says. Throws UnicornError when the library refuses.
 */
export class Unicorn implements Runner {
  readonly name = 'Unicorn';
  private readonly library = loadLibrary();
  private readonly uc: unknown;
  /** The state before the first case. Unicorn forgets a delivered exception only so: else the second #DE is a double fault. */
  private readonly fresh: unknown;
  private readonly mapped: MappedRegion[];
  /** 64-bit slots of REGISTER_IDS, and their addresses, as the batch functions want them. */
  private readonly values: BigUint64Array;
  private readonly pointers: BigUint64Array;
  private readonly ids = Int32Array.from(REGISTER_IDS);
  private readonly callbacks: bigint[];
  private interrupt: number | undefined;
  private faultAddress: bigint | undefined;

  constructor() {
    const out: [unknown] = [null];
    this.check('uc_open', this.library.open(UC_ARCH_X86, UC_MODE_64, out));
    this.uc = out[0];
    this.mapped = regions.map((region) => this.map(region));
    const memory = koffi.alloc('uint64_t', REGISTER_IDS.length);
    const base = koffi.address(memory);
    this.values = new BigUint64Array(koffi.view(memory, REGISTER_IDS.length * 8));
    this.pointers = BigUint64Array.from(REGISTER_IDS, (_, index) => base + BigInt(index * 8));
    const onInterrupt = (uc: unknown, number: number) => {
      this.interrupt = number;
      this.library.stop(uc);
    };
    const onMemory = (_uc: unknown, _type: number, address: number | bigint, size: number) => {
      // An access across pages is made byte by byte, from the last one down.
      this.faultAddress = size === 1 ? undefined : BigInt.asUintN(64, BigInt(address));
      return false;
    };
    this.callbacks = [
      this.hook(UC_HOOK_INTR, this.library.interruptHook, onInterrupt),
      this.hook(UC_HOOK_MEM_INVALID, this.library.memoryHook, onMemory),
      // Does nothing: with it RIP is exact when an instruction in the middle of a block faults.
      this.hook(UC_HOOK_CODE, this.library.codeHook, () => {}),
    ];
    const context: [unknown] = [null];
    this.check('uc_context_alloc', this.library.allocateContext(this.uc, context));
    this.fresh = context[0];
    this.check('uc_context_save', this.library.saveContext(this.uc, this.fresh));
  }

  async run(cases: readonly UserCase[]): Promise<Outcome[]> {
    return cases.map((test) => this.runOne(test));
  }

  close(): void {
    this.library.freeContext(this.fresh);
    this.library.close(this.uc);
    for (const callback of this.callbacks) koffi.unregister(callback);
  }

  private check(what: string, error: number): void {
    if (error !== UC_ERR_OK) throw new UnicornError(`${what} failed with error ${error}`);
  }

  private map(region: Region): MappedRegion {
    const memory = koffi.alloc('uint8_t', region.length);
    const bytes = new Uint8Array(koffi.view(memory, region.length));
    const write = region.permissions === 'rw' ? UC_PROT_WRITE : 0;
    const exec = region.permissions === 'rx' ? UC_PROT_EXEC : 0;
    const protection = UC_PROT_READ | write | exec;
    this.check(
      'uc_mem_map_ptr',
      this.library.mapPointer(this.uc, region.start, region.length, protection, memory),
    );
    return { region, bytes, pristine: new Uint8Array(region.length) };
  }

  private hook(
    type: number,
    prototype: koffi.TypeObject,
    callback: (uc: unknown, second: number, third: number | bigint, fourth: number) => unknown,
  ): bigint {
    const registered = koffi.register(callback, koffi.pointer(prototype));
    this.check(
      'uc_hook_add',
      this.library.addHook(this.uc, [null], type, registered, null, 1n, 0n), // from 1 to 0: everywhere
    );
    return registered;
  }

  private load(test: UserCase): void {
    for (const { region, bytes, pristine } of this.mapped) {
      pristine.fill(region.permissions === 'rx' ? INT3 : 0);
      if (region.start === CODE) pristine.set(test.code);
      for (const chunk of test.memory) {
        const offset = Number(chunk.address - region.start);
        if (offset >= 0 && offset < region.length) pristine.set(chunk.bytes, offset);
      }
      bytes.set(pristine);
    }
    this.values.set(test.registers);
    this.values[RIP] = CODE;
    this.values[EFLAGS] = BigInt(test.flags | FIXED_FLAGS);
    this.values[FS_BASE] = test.fsBase ?? 0n;
    this.values[GS_BASE] = test.gsBase ?? 0n;
  }

  private runOne(test: UserCase): Outcome {
    const { library, uc } = this;
    this.check('uc_context_restore', library.restoreContext(uc, this.fresh));
    this.load(test);
    this.check(
      'uc_ctl',
      library.control(
        uc,
        UC_CTL_WRITE_TB_REMOVE_CACHE,
        'uint64_t',
        CODE,
        'uint64_t',
        CODE + BigInt(CODE_BYTES),
      ),
    );
    this.check(
      'uc_reg_write_batch',
      library.writeRegisters(uc, this.ids, this.pointers, REGISTER_IDS.length),
    );
    this.interrupt = undefined;
    this.faultAddress = undefined;
    const error = library.start(uc, CODE, endAddress(test), TIMEOUT_MICROSECONDS, 0);
    this.check('uc_reg_read_batch', library.readRegisters(uc, this.ids, this.pointers, REGISTER_IDS.length));
    return this.outcome(test, error);
  }

  private outcome(test: UserCase, error: number): Outcome {
    const memory: MemoryChunk[] = [];
    for (const { region, bytes, pristine } of this.mapped) {
      if (region.permissions === 'rw') memory.push(...changedRuns(region, pristine, bytes));
    }
    const rip = this.values[RIP] as bigint;
    const state = {
      registers: this.values.slice(0, GPRS),
      flags: Number(this.values[EFLAGS]),
      fsBase: this.values[FS_BASE] as bigint,
      gsBase: this.values[GS_BASE] as bigint,
      memory,
    };
    const ripOffset = rip - CODE;
    const fault = this.fault(error);
    if (fault) return { ...state, end: 'fault', ripOffset, fault };
    if (this.interrupt !== undefined) {
      if (isEndTrap(test, this.interrupt, rip))
        return { ...state, end: 'end', ripOffset: endAddress(test) - CODE };
      return { ...state, end: 'fault', ripOffset, fault: { vector: this.interrupt } };
    }
    return { ...state, end: rip === endAddress(test) ? 'end' : 'hang', ripOffset };
  }

  private fault(error: number): Fault | undefined {
    if (error === UC_ERR_OK) return undefined;
    if (error === UC_ERR_INSN_INVALID) return { vector: INVALID_OPCODE, errorCode: 0 };
    const errorCode = pageFaultErrorCodes[error];
    if (errorCode === undefined) return { vector: this.interrupt ?? GENERAL_PROTECTION };
    const address = this.faultAddress;
    return { vector: PAGE_FAULT, errorCode, ...(address !== undefined && { address }) };
  }
}
