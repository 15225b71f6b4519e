import type { Decoder } from '../decode/decoder.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { isConditionalBranch } from './count-executions.ts';
import * as record from './record.ts';

const PAGE = 4096;
const NO_REGISTERS: readonly number[] = [layout.ZERO, layout.ZERO, layout.ZERO];
const FS = 4;

/** Writes records, one behind the other, for what the decoder has just decoded. */
export class RecordWriter {
  /** Where the next record goes. */
  next: number = layout.RECORDS;
  readonly #state: State;
  readonly #decoder: Decoder;
  /** Called for bytes that decode to nothing; the record then raises #UD. */
  readonly #undefinedHandler: number;
  /** Segment checks before an instruction; they take no step. */
  readonly #segmentHandler: number;
  readonly #nullSegmentHandler: number;

  /** `undefinedFunction`: index of the out-of-line function that raises #UD and tells the host; see `CodeCache`. */
  constructor(state: State, decoder: Decoder, undefinedFunction: number) {
    this.#state = state;
    this.#decoder = decoder;
    this.#undefinedHandler = undefinedFunction;
    this.#segmentHandler = undefinedFunction + 3;
    this.#nullSegmentHandler = undefinedFunction + 4;
  }

  emit(handler: number, offset: number, next: number): number {
    const at = this.next;
    const { u8, u16, u32 } = this.#state;
    u32.fill(0, at >>> 2, (at + record.RECORD_SIZE) >>> 2);
    u16[(at + record.HANDLER) >>> 1] = handler;
    u16[(at + record.OFFSET) >>> 1] = offset;
    u16[(at + record.NEXT) >>> 1] = next;
    u8[at + record.SCALE] = 0;
    this.next += record.RECORD_SIZE;
    return at;
  }

  /** In legacy code: the segment checks of an instruction, when they are on; else those of FS and GS, which may be null. */
  segmentGuard(offset: number, next: number, decoded: boolean, checked: boolean): void {
    const segment = decoded ? Math.max(0, this.#decoder.decoded.segment) : 0;
    if (!checked && (segment < FS || this.#decoder.decoded.form.mnemonic === 'LEA')) return;
    const at = this.emit(record.HANDLER_RARE, offset, next);
    const { u16, u32 } = this.#state;
    u32[(at + record.AUXILIARY) >>> 2] = checked ? this.#segmentHandler : this.#nullSegmentHandler;
    u16[(at + record.REGISTER0) >>> 1] = segment;
  }

  undefinedInstruction(offset: number): void {
    const at = this.outOfLine(offset, this.#undefinedHandler);
    this.#state.u8[at + record.KIND] = record.RecordKind.Instruction;
  }

  /** A record for the instruction at `offset` that runs one of the out-of-line functions behind those of the forms. */
  outOfLine(offset: number, handler: number): number {
    const at = this.emit(record.HANDLER_RARE, offset, offset);
    this.#state.u32[(at + record.AUXILIARY) >>> 2] = handler;
    return at;
  }

  /** The records of the instruction that the decoder has just decoded, which starts at `offset`. */
  instruction(offset: number, codeSize: number): void {
    const { u8, u16, u32 } = this.#state;
    const { decoded } = this.#decoder;
    const next = offset + decoded.length;
    let { base, index, scale, displacement } = decoded;
    if (decoded.hasMemory) {
      if (decoded.ripRelative) {
        base = layout.PAGE_BASE;
        displacement += BigInt(next);
      }
      const isAddressOnly = decoded.form.mnemonic === 'LEA';
      const segment = isAddressOnly ? -1 : decoded.segment;
      const truncated = decoded.addressSize !== 8;
      const segmentBase =
        segment >= 0 ? layout.SEGMENTS + segment * layout.SEGMENT_SIZE + layout.SEGMENT_BASE : layout.ZERO;
      if (segment >= 0 || truncated) {
        // A form that adds to the offset cuts it itself: it gets the sum as base, and the segment's base in the index field.
        const cutByForm = truncated && decoded.form.addressSize !== 0;
        const legacy = codeSize !== 8 && !cutByForm;
        const at = this.emit(legacy ? record.HANDLER_ADDRESS_LEGACY : record.HANDLER_ADDRESS, offset, next);
        u16[(at + record.BASE) >>> 1] = base;
        u16[(at + record.INDEX) >>> 1] = index;
        u8[at + record.SCALE] = scale;
        u16[(at + record.REGISTER0) >>> 1] = cutByForm ? layout.ZERO : segmentBase;
        this.#state.set64(at + record.DISPLACEMENT, displacement);
        this.#state.set64(
          at + record.IMMEDIATE,
          truncated && !cutByForm ? (1n << BigInt(8 * decoded.addressSize)) - 1n : 0xffff_ffff_ffff_ffffn,
        );
        base = layout.EA;
        index = cutByForm ? segmentBase : layout.ZERO;
        scale = 0;
        displacement = 0n;
      }
    }
    const { form } = decoded;
    if (form.index >= this.#undefinedHandler) throw new RangeError(`no code was generated for ${form.key}`);
    const at = this.emit(
      form.hot ? record.FIRST_FORM_HANDLER + form.hotIndex : record.HANDLER_RARE,
      offset,
      next,
    );
    u32[(at + record.AUXILIARY) >>> 2] = form.index;
    const { Instruction, ConditionalBranch } = record.RecordKind;
    u8[at + record.KIND] = isConditionalBranch(form) ? Instruction | ConditionalBranch : Instruction;
    const registers = decoded.encoding.operands.length > 0 ? decoded.registers : NO_REGISTERS;
    u16[(at + record.REGISTER0) >>> 1] = registers[0] as number;
    u16[(at + record.REGISTER1) >>> 1] = registers[1] as number;
    u16[(at + record.REGISTER2) >>> 1] = registers[2] as number;
    u16[(at + record.BASE) >>> 1] = base;
    u16[(at + record.INDEX) >>> 1] = index;
    u8[at + record.SCALE] = scale;
    this.#state.set64(at + record.IMMEDIATE, decoded.immediate);
    if (decoded.relative === undefined) {
      this.#state.set64(at + record.DISPLACEMENT, displacement);
    } else {
      const target = decoded.relative + BigInt(next);
      this.#state.set64(at + record.DISPLACEMENT, target);
      u32[(at + record.LINK) >>> 2] = target >= 0n && target < BigInt(PAGE) ? 0 : record.LINK_NEVER;
    }
  }
}
