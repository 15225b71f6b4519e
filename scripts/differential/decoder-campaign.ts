import { type Decoded, Decoder } from '../../emu/cpu/decode/decoder.ts';
import { Disassembler } from '../../emu/debug/disassembler.ts';
import {
  type DataSegments,
  FLAT_SEGMENTS,
  GPRS,
  INVALID_OPCODE,
  NULL_SEGMENTS,
  type Outcome,
  type Runner,
  type UserCase,
} from '../../test/oracles/user-case.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import { isSameMnemonic, unclaimedReason } from './decoder-names.ts';
import { BAD, type DisassembledInstruction, mnemonicOf, objdump } from './decoder-oracles.ts';
import { makeInstruction } from './instruction.ts';
import { placesOf } from './places.ts';
import { forms, waysByForm } from './ways.ts';

const LONGEST = 15;
const MAPS: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const PREFIXES: readonly (readonly number[])[] = [[], [0x66], [0xf2], [0xf3], [0x66, 0xf2], [0x67], [0xf0]];
const REX_WIDE = 0x48;
const BATCH = 20_000;

/** One byte string on which puffer and a disassembler differ. */
export interface DecoderMismatch {
  readonly bits: 32 | 64;
  /** In hexadecimal. */
  readonly bytes: string;
  readonly what: string;
}

/** What a campaign has found: how often both agree, and why not otherwise. */
export interface DecoderResult {
  strings: number;
  /** Strings that are an instruction for puffer and objdump, of the same length and name. */
  agreed: number;
  /** The same for Capstone, whose names are not compared. */
  capstoneAgreed: number;
  /** Disagreements that are no mistake of puffer's, by reason. */
  readonly reasons: Map<string, number>;
  readonly mismatches: DecoderMismatch[];
}

interface Ours {
  readonly length: number;
  readonly mnemonic: string;
}

interface Disagreement {
  readonly bytes: Uint8Array;
  readonly bits: 32 | 64;
  readonly ours: Ours;
  readonly theirs: DisassembledInstruction;
  readonly tool: string;
}

/** Every opcode of every map with every prefix that may choose an instruction, `modrms` ModRM bytes of each kind, and zeros behind. */
export function* systematicStrings(bits: 32 | 64, modrms: number): Generator<Uint8Array> {
  for (const map of MAPS) {
    for (const prefixes of PREFIXES) {
      for (const rex of bits === 64 ? [[], [REX_WIDE]] : [[]]) {
        for (let opcode = 0; opcode < 256; opcode++) {
          for (let i = 0; i < modrms; i++) {
            // Both kinds of operand, and all eight values of ModRM.reg once there are 16.
            const modrm = (i & 1 ? 0xc0 : 0) | (((i >> 1) & 7) << 3) | 1;
            const head = [...prefixes, ...rex, ...map, opcode, modrm];
            const bytes = new Uint8Array(LONGEST);
            bytes.set(head);
            yield bytes;
          }
        }
      }
    }
  }
}

/** Instructions of every form in every way. */
export function* tableStrings(bits: 32 | 64, random: Random): Generator<Uint8Array> {
  const state = { segments: NULL_SEGMENTS, fsBase: 0n, gsBase: 0n, offset: 0, random };
  for (const [form, ways] of waysByForm()) {
    for (const way of ways) {
      if (way.bits !== bits) continue;
      const { bytes } = makeInstruction(way, form, { ...state, pinned: new Map() });
      if (bytes.length <= LONGEST) yield Uint8Array.from(bytes);
    }
  }
}

/** Random bytes, of which half begin with an escape or a prefix. */
export function* randomStrings(random: Random, count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    const bytes = random.bytes(LONGEST).slice();
    const start = random.below(8);
    if (start < 3) bytes[0] = 0x0f;
    else if (start === 3) bytes.set([random.pick([0x66, 0xf2, 0xf3]), 0x0f]);
    yield bytes;
  }
}

const decoder = new Decoder(forms);

function decodeHere(bytes: Uint8Array, bits: 32 | 64): Ours {
  if (!decoder.decode(bytes, 0, bytes.length, { codeSize: bits / 8 })) return { length: 0, mnemonic: '' };
  const { length, form }: Decoded = decoder.decoded;
  return { length, mnemonic: form.mnemonic.toLowerCase() };
}

/** Holds puffer's decoder to objdump and Capstone; where they differ the host's processor decides what is an instruction. */
export class DecoderCampaign {
  readonly result: DecoderResult = {
    strings: 0,
    agreed: 0,
    capstoneAgreed: 0,
    reasons: new Map(),
    mismatches: [],
  };
  readonly #host: Runner;
  readonly #puffer: Runner;
  readonly #capstone: Disassembler;

  private constructor(host: Runner, puffer: Runner, capstone: Disassembler) {
    this.#host = host;
    this.#puffer = puffer;
    this.#capstone = capstone;
  }

  static async create(host: Runner, puffer: Runner): Promise<DecoderCampaign> {
    return new DecoderCampaign(host, puffer, await Disassembler.load());
  }

  close(): void {
    this.#capstone.close();
  }

  async run(strings: Iterable<Uint8Array>, bits: 32 | 64, onBatch?: () => void): Promise<void> {
    let batch: Uint8Array[] = [];
    for (const bytes of strings) {
      batch.push(bytes);
      if (batch.length < BATCH) continue;
      await this.#batch(batch, bits);
      onBatch?.();
      batch = [];
    }
    if (batch.length > 0) await this.#batch(batch, bits);
  }

  async #batch(strings: readonly Uint8Array[], bits: 32 | 64): Promise<void> {
    const listed = objdump(strings, bits);
    const disagreements: Disagreement[] = [];
    strings.forEach((bytes, index) => {
      const ours = decodeHere(bytes, bits);
      const theirs = listed[index] as DisassembledInstruction;
      const hints = this.#capstone.one(bytes, 0n, bits);
      const capstone = hints.text === '(bad)' ? BAD : { ...hints, mnemonic: mnemonicOf(hints.text) };
      if (agrees(ours, theirs)) this.result.agreed += ours.length > 0 ? 1 : 0;
      else disagreements.push({ bytes, bits, ours, theirs, tool: 'objdump' });
      if (ours.length === capstone.length) this.result.capstoneAgreed += ours.length > 0 ? 1 : 0;
      else disagreements.push({ bytes, bits, ours, theirs: capstone, tool: 'Capstone' });
    });
    this.result.strings += strings.length;
    await this.#settle(disagreements, bits);
  }

  /** Asks the host's processor and puffer's whether the bytes are an instruction. */
  async #settle(disagreements: readonly Disagreement[], bits: 32 | 64): Promise<void> {
    const tests = disagreements.map(({ bytes }) => caseOf(bytes, bits));
    const [onHost, onPuffer] = await Promise.all([this.#host.run(tests), this.#puffer.run(tests)]);
    disagreements.forEach((one, index) => {
      const host = isInstruction(onHost[index] as Outcome);
      const puffer = isInstruction(onPuffer[index] as Outcome);
      const reason = reasonFor(one, host, puffer);
      if (reason !== undefined) {
        this.result.reasons.set(reason, (this.result.reasons.get(reason) ?? 0) + 1);
        return;
      }
      const { ours, theirs, tool, bytes } = one;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const say = ({ length, mnemonic }: Ours) =>
        length === 0 ? 'no instruction' : `${mnemonic}, ${length} bytes`;
      const verdict = host === puffer ? '' : `; on the host it is ${host ? 'an' : 'no'} instruction`;
      const what = `puffer: ${say(ours)}; ${tool}: ${say(theirs)} (${theirs.text})${verdict}`;
      this.result.mismatches.push({ bits, bytes: hex, what });
    });
  }
}

function agrees(ours: Ours, theirs: DisassembledInstruction): boolean {
  if (ours.length !== theirs.length) return false;
  return ours.length === 0 || isSameMnemonic(ours.mnemonic, theirs.mnemonic);
}

const isInstruction = ({ end, fault, ripOffset }: Outcome): boolean =>
  !(end === 'fault' && fault?.vector === INVALID_OPCODE && ripOffset === 0n);

/** Registers that point nowhere in particular: an instruction faults, or does little. */
function caseOf(bytes: Uint8Array, bits: 32 | 64): UserCase {
  const registers = new BigUint64Array(GPRS);
  const { stack, data } = placesOf(bits);
  for (let i = 0; i < (bits === 64 ? GPRS : GPRS / 2); i++) registers[i] = data + 0x200n;
  registers[4] = stack + 0x1000n;
  const segments: DataSegments = bits === 64 ? NULL_SEGMENTS : FLAT_SEGMENTS;
  return { code: bytes, ...(bits === 32 && { bits }), registers, flags: 0, segments, memory: [] };
}

const NEAR_BRANCH = /^(j\w+|call|ret|loop\w*)$/;

/** Why a disagreement is no mistake of puffer's; undefined when it is one. */
function reasonFor(
  { ours, theirs, tool, bits }: Disagreement,
  host: boolean,
  puffer: boolean,
): string | undefined {
  if (tool === 'objdump' && ours.mnemonic === 'fwait') {
    return 'objdump shows FWAIT and the instruction behind it as one';
  }
  if (host && !puffer) return unclaimedReason(theirs.mnemonic);
  if (!host && puffer) return undefined;
  if (ours.length > 0 && theirs.length === 0)
    return `${tool} does not know an instruction that the host executes`;
  if (ours.length === 0) return `${tool} shows what the host's processor refuses`;
  if (tool === 'Capstone' && /^ud[01]$/.test(ours.mnemonic))
    return 'Capstone shows UD0 and UD1 without ModRM';
  if (tool === 'Capstone' && bits === 64 && NEAR_BRANCH.test(ours.mnemonic)) {
    return "Capstone has Intel's length of near branches with an operand-size prefix";
  }
  return undefined;
}
