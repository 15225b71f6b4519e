import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { Status } from '../system/status.ts';
import { AES_OPERATIONS } from './aes.ts';
import type { Block, BlockOperation } from './block.ts';
import { SHA_OPERATIONS } from './sha.ts';

const OPERATIONS = new Map<string, BlockOperation>(Object.entries({ ...AES_OPERATIONS, ...SHA_OPERATIONS }));
const names = [...OPERATIONS.keys()];
const operations = [...OPERATIONS.values()];
const BLOCK = 16;
const WORDS = 4;

/** The index of an operation of AES-NI or the SHA extensions by its mnemonic: generated code names it so. */
export function blockOperationIndex(name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new RangeError(`there is no block operation ${name}`);
  return index;
}

function block(): Block {
  const words = new Int32Array(WORDS);
  return { words, bytes: new Uint8Array(words.buffer) };
}

/** AES-NI and the SHA extensions. */
export class BlockUnit {
  readonly #state: State;
  /** Copies of the operands, which an operation may read while its result is written. */
  readonly #first = block();
  readonly #second = block();
  readonly #xmm0 = block();

  constructor(state: State) {
    this.#state = state;
  }

  /** Runs an operation; `destination` and `source` are offsets of the operands' bytes. */
  run(index: number, destination: number, source: number, immediate: number): number {
    const operation = operations[index];
    if (operation === undefined) throw new RangeError(`there is no block operation ${index}`);
    const result = operation({
      first: this.#load(this.#first, destination),
      second: this.#load(this.#second, source),
      xmm0: this.#load(this.#xmm0, layout.XMM),
      immediate: immediate & 0xff,
    });
    for (let i = 0; i < WORDS; i++) this.#state.set32(destination + 4 * i, (result[i] as number) >>> 0);
    return Status.Next;
  }

  #load(into: Block, at: number): Block {
    const { u8 } = this.#state;
    for (let i = 0; i < BLOCK; i++) into.bytes[i] = u8[at + i] as number;
    return into;
  }
}
