import * as koffi from 'koffi';
import { BenchError } from './child.ts';
import { PLACES } from './loops.ts';
import { UNICORN_LIBRARY } from './peers.ts';
import { type Elapsed, elapsed } from './statistics.ts';

/** Numbers of the Unicorn 2.0 interface (unicorn.h, x86.h). */
const UC_ARCH_X86 = 4;
const UC_MODE_64 = 8;
const UC_PROT_ALL = 7;
const UC_X86_REG_RSP = 44;
const NO_TIMEOUT = 0;
/** Instructions that translate the loop before the clock starts. */
const WARM_UP = 100_000;

/** A loop in native Unicorn. */
export class UnicornLoop {
  readonly #code: Uint8Array;
  readonly #library = koffi.load(UNICORN_LIBRARY);
  readonly #setRegister = this.#library.func('int uc_reg_write(void *, int, const void *)');
  readonly #start = this.#library.func('int uc_emu_start(void *, uint64_t, uint64_t, uint64_t, size_t)');
  readonly #engine: unknown;

  constructor(code: Uint8Array) {
    this.#code = code;
    const open = this.#library.func('int uc_open(int, int, _Out_ void **)');
    const map = this.#library.func('int uc_mem_map(void *, uint64_t, size_t, uint32_t)');
    const write = this.#library.func('int uc_mem_write(void *, uint64_t, const void *, size_t)');
    const handle: unknown[] = [null];
    check('uc_open', open(UC_ARCH_X86, UC_MODE_64, handle));
    this.#engine = handle[0];
    check('uc_mem_map', map(this.#engine, 0, PLACES.size, UC_PROT_ALL));
    check('uc_mem_write', write(this.#engine, PLACES.code, code, code.length));
  }

  /** Runs to the end, uncounted (`count` = 0), or exactly `count` instructions. */
  time(count = 0): Elapsed {
    if (count !== 0) this.#run(WARM_UP);
    return elapsed(() => this.#run(count));
  }

  close(): void {
    this.#library.func('int uc_close(void *)')(this.#engine);
  }

  #run(count: number): void {
    const stack = new BigUint64Array([BigInt(PLACES.stack)]);
    check('uc_reg_write', this.#setRegister(this.#engine, UC_X86_REG_RSP, stack));
    const end = PLACES.code + this.#code.length;
    check('uc_emu_start', this.#start(this.#engine, PLACES.code, end, NO_TIMEOUT, count));
  }
}

function check(what: string, status: number): void {
  if (status !== 0) throw new BenchError(`Unicorn's ${what} answered with error ${status}`);
}
