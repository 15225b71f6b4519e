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

function copyOf(state: State, at: number): Block {
  const bytes = state.u8.slice(at, at + BLOCK);
  return { bytes, words: new Int32Array(bytes.buffer) };
}

/** Runs an operation; `destination` and `source` are offsets of the operands' bytes. */
export function runBlockOperation(
  state: State,
  index: number,
  destination: number,
  source: number,
  immediate: number,
): number {
  const operation = operations[index];
  if (operation === undefined) throw new RangeError(`there is no block operation ${index}`);
  const result = operation({
    first: copyOf(state, destination),
    second: copyOf(state, source),
    xmm0: copyOf(state, layout.XMM),
    immediate: immediate & 0xff,
  });
  for (let i = 0; i < WORDS; i++) state.set32(destination + 4 * i, (result[i] as number) >>> 0);
  return Status.Next;
}
