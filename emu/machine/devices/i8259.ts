import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';

/** ICW1 (written to the even port): bit 4 tells it from OCW2 and OCW3. */
const ICW1 = 0x10;
const ICW1_NEEDS_ICW4 = 0x01;
const ICW1_SINGLE = 0x02;
/** ICW4: automatic end of interrupt; special fully nested mode. */
const ICW4_AUTO_EOI = 0x02;
const ICW4_SPECIAL_FULLY_NESTED = 0x10;
/** OCW3: bit 3 tells it from OCW2. */
const OCW3 = 0x08;
const OCW3_READ_REGISTER = 0x02;
const OCW3_READ_IN_SERVICE = 0x01;
const OCW3_POLL = 0x04;
const OCW3_SET_SPECIAL_MASK = 0x40;
const OCW3_SPECIAL_MASK = 0x20;
/** OCW2 commands, bits 5–7. */
const OCW2_ROTATE_IN_AUTO_EOI_CLEAR = 0;
const OCW2_EOI = 1;
const OCW2_SPECIFIC_EOI = 3;
const OCW2_ROTATE_IN_AUTO_EOI_SET = 4;
const OCW2_ROTATE_ON_EOI = 5;
const OCW2_SET_PRIORITY = 6;
const OCW2_ROTATE_ON_SPECIFIC_EOI = 7;

/** A read in poll mode sets this bit when an interrupt was pending. */
const POLL_PENDING = 0x80;
/** The level that answers when the request has gone away before the acknowledge. */
const SPURIOUS_LEVEL = 7;
const NO_LEVEL = 8;
/** The input of the first chip that the second one drives. */
export const CASCADE = 2;

/** What the even port expects next of the initialisation sequence: nothing, ICW2, ICW3 or ICW4. */
const READY = 0;
const WANT_ICW2 = 1;
const WANT_ICW3 = 2;
const WANT_ICW4 = 3;

/**
 * One Intel 8259A programmable interrupt controller (Intel 8259A data sheet, order number 231468), with the
 * edge/level control register of PCI-era chip sets in place of ICW1's LTIM bit. A request on an edge input stays
 * latched until it is acknowledged, as under QEMU.
 */
export class I8259 implements Device {
  readonly name: string;
  /** Levels that the edge/level control register may make level-triggered. */
  readonly #levelCapable: number;
  readonly #isFirst: boolean;
  /** Called when the INT output may have changed. */
  onOutput: () => void = () => {};

  /** Input levels. */
  #lines = 0;
  /** Inputs as the edge detector last saw them; ICW1 forgets them. */
  #edges = 0;
  #requests = 0;
  #masked = 0;
  #inService = 0;
  /** The level of highest priority. */
  #highest = 0;
  #vectorBase = 0;
  #levelTriggered = 0;
  #sequence = READY;
  #needsIcw4 = false;
  #single = false;
  #autoEoi = false;
  #rotateInAutoEoi = false;
  #specialFullyNested = false;
  #specialMask = false;
  #readInService = false;
  #poll = false;

  constructor(config: { name: string; isFirst: boolean; levelCapable: number }) {
    this.name = config.name;
    this.#isFirst = config.isFirst;
    this.#levelCapable = config.levelCapable;
  }

  /** Drives input `level` (0–7). */
  setLine(level: number, high: boolean): void {
    const bit = 1 << level;
    if (high) {
      if ((this.#levelTriggered & bit) !== 0 || (this.#edges & bit) === 0) this.#requests |= bit;
      this.#lines |= bit;
      this.#edges |= bit;
    } else {
      if ((this.#levelTriggered & bit) !== 0) this.#requests &= ~bit;
      this.#lines &= ~bit;
      this.#edges &= ~bit;
    }
    this.onOutput();
  }

  /** The INT output. */
  get output(): boolean {
    return this.#pending(this.#requests) !== NO_LEVEL;
  }

  /** Whether a request on `level` would raise the INT output. */
  wouldInterrupt(level: number): boolean {
    return this.#pending(this.#requests | (1 << level)) !== NO_LEVEL;
  }

  /** Acknowledge cycle: the level that is answered; level 7 without being in service when none is pending. */
  acknowledge(): number {
    const level = this.#pending(this.#requests);
    if (level === NO_LEVEL) return SPURIOUS_LEVEL;
    this.#serve(level);
    return level;
  }

  /** The vector of a level. */
  vector(level: number): number {
    return this.#vectorBase | level;
  }

  /** Reads the even port (`odd` false: IRR, ISR or a poll) or the odd one (mask register). */
  read(odd: boolean): number {
    if (this.#poll) {
      this.#poll = false;
      const level = this.#pending(this.#requests);
      if (level === NO_LEVEL) return 0;
      this.#serve(level);
      return POLL_PENDING | level;
    }
    if (odd) return this.#masked;
    return this.#readInService ? this.#inService : this.#requests;
  }

  /** Writes ICW1, OCW2, OCW3 (even port) or ICW2–4, OCW1 (odd port). */
  write(odd: boolean, value: number): void {
    if (odd) this.#writeOdd(value);
    else if ((value & ICW1) !== 0) this.#initialise(value);
    else if ((value & OCW3) !== 0) this.#writeOcw3(value);
    else this.#writeOcw2(value);
    this.onOutput();
  }

  get levelTriggered(): number {
    return this.#levelTriggered;
  }

  /** Writes the edge/level control register; levels that the chip set keeps edge-triggered ignore it. */
  set levelTriggered(value: number) {
    this.#levelTriggered = value & this.#levelCapable;
  }

  #initialise(icw1: number): void {
    this.#edges = 0;
    this.#requests &= this.#levelTriggered;
    this.#masked = 0;
    this.#inService = 0;
    this.#highest = 0;
    this.#vectorBase = 0;
    this.#autoEoi = false;
    this.#rotateInAutoEoi = false;
    this.#specialFullyNested = false;
    this.#specialMask = false;
    this.#readInService = false;
    this.#poll = false;
    this.#needsIcw4 = (icw1 & ICW1_NEEDS_ICW4) !== 0;
    this.#single = (icw1 & ICW1_SINGLE) !== 0;
    this.#sequence = WANT_ICW2;
  }

  #writeOdd(value: number): void {
    switch (this.#sequence) {
      case WANT_ICW2:
        this.#vectorBase = value & 0xf8;
        if (!this.#single) this.#sequence = WANT_ICW3;
        else this.#sequence = this.#needsIcw4 ? WANT_ICW4 : READY;
        break;
      case WANT_ICW3:
        // How the chips are wired is not programmable in a PC.
        this.#sequence = this.#needsIcw4 ? WANT_ICW4 : READY;
        break;
      case WANT_ICW4:
        this.#autoEoi = (value & ICW4_AUTO_EOI) !== 0;
        this.#specialFullyNested = (value & ICW4_SPECIAL_FULLY_NESTED) !== 0;
        this.#sequence = READY;
        break;
      default:
        this.#masked = value;
    }
  }

  #writeOcw2(value: number): void {
    const level = value & 7;
    switch (value >>> 5) {
      case OCW2_ROTATE_IN_AUTO_EOI_CLEAR:
        this.#rotateInAutoEoi = false;
        break;
      case OCW2_ROTATE_IN_AUTO_EOI_SET:
        this.#rotateInAutoEoi = true;
        break;
      case OCW2_EOI:
        this.#endHighest();
        break;
      case OCW2_ROTATE_ON_EOI: {
        const ended = this.#endHighest();
        if (ended !== NO_LEVEL) this.#highest = (ended + 1) & 7;
        break;
      }
      case OCW2_SPECIFIC_EOI:
        this.#inService &= ~(1 << level);
        break;
      case OCW2_ROTATE_ON_SPECIFIC_EOI:
        this.#inService &= ~(1 << level);
        this.#highest = (level + 1) & 7;
        break;
      case OCW2_SET_PRIORITY:
        this.#highest = (level + 1) & 7;
        break;
    }
  }

  #writeOcw3(value: number): void {
    if ((value & OCW3_POLL) !== 0) this.#poll = true;
    if ((value & OCW3_READ_REGISTER) !== 0) this.#readInService = (value & OCW3_READ_IN_SERVICE) !== 0;
    if ((value & OCW3_SET_SPECIAL_MASK) !== 0) this.#specialMask = (value & OCW3_SPECIAL_MASK) !== 0;
  }

  /** Non-specific EOI: ends the interrupt of highest priority in service, and says which. */
  #endHighest(): number {
    const level = this.#first(this.#inService);
    if (level !== NO_LEVEL) this.#inService &= ~(1 << level);
    return level;
  }

  #serve(level: number): void {
    const bit = 1 << level;
    if (this.#autoEoi) {
      if (this.#rotateInAutoEoi) this.#highest = (level + 1) & 7;
    } else {
      this.#inService |= bit;
    }
    if ((this.#levelTriggered & bit) === 0) this.#requests &= ~bit;
    this.onOutput();
  }

  /** The unmasked request that outranks all that is in service, or `NO_LEVEL`. */
  #pending(requests: number): number {
    const level = this.#first(requests & ~this.#masked);
    if (level === NO_LEVEL) return NO_LEVEL;
    let blocking = this.#inService;
    // Special mask mode: a masked level in service blocks nobody.
    if (this.#specialMask) blocking &= ~this.#masked;
    // Special fully nested mode: the second chip may interrupt again while one of its requests is served.
    if (this.#specialFullyNested && this.#isFirst) blocking &= ~(1 << CASCADE);
    return this.#rank(level) < this.#rank(this.#first(blocking)) ? level : NO_LEVEL;
  }

  /** The level of highest priority in a set, or `NO_LEVEL`. */
  #first(levels: number): number {
    if (levels === 0) return NO_LEVEL;
    let level = this.#highest;
    while ((levels & (1 << level)) === 0) level = (level + 1) & 7;
    return level;
  }

  /** 0 for the highest priority, 7 for the lowest, 8 for no level. */
  #rank(level: number): number {
    return level === NO_LEVEL ? NO_LEVEL : (level - this.#highest) & 7;
  }

  reset(): void {
    this.#lines = 0;
    this.#levelTriggered = 0;
    this.#requests = 0;
    this.#initialise(0);
    this.#sequence = READY;
    this.onOutput();
  }

  save(): DeviceState {
    return {
      lines: this.#lines,
      edges: this.#edges,
      requests: this.#requests,
      masked: this.#masked,
      inService: this.#inService,
      highest: this.#highest,
      vectorBase: this.#vectorBase,
      levelTriggered: this.#levelTriggered,
      sequence: this.#sequence,
      needsIcw4: this.#needsIcw4,
      single: this.#single,
      autoEoi: this.#autoEoi,
      rotateInAutoEoi: this.#rotateInAutoEoi,
      specialFullyNested: this.#specialFullyNested,
      specialMask: this.#specialMask,
      readInService: this.#readInService,
      poll: this.#poll,
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#lines = reader.number('lines');
    this.#edges = reader.number('edges');
    this.#requests = reader.number('requests');
    this.#masked = reader.number('masked');
    this.#inService = reader.number('inService');
    this.#highest = reader.number('highest');
    this.#vectorBase = reader.number('vectorBase');
    this.#levelTriggered = reader.number('levelTriggered');
    this.#sequence = reader.number('sequence');
    this.#needsIcw4 = reader.boolean('needsIcw4');
    this.#single = reader.boolean('single');
    this.#autoEoi = reader.boolean('autoEoi');
    this.#rotateInAutoEoi = reader.boolean('rotateInAutoEoi');
    this.#specialFullyNested = reader.boolean('specialFullyNested');
    this.#specialMask = reader.boolean('specialMask');
    this.#readInService = reader.boolean('readInService');
    this.#poll = reader.boolean('poll');
    this.onOutput();
  }
}
