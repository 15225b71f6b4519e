import type { MachineBus } from '../bus.ts';
import type { VirtualClock } from '../clock.ts';
import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';
import type { TextView } from '../text-screen.ts';
import {
  ATTRIBUTE_PORT,
  CRTC_PORT,
  CrtcRegister,
  GRAPHICS_PORT,
  PALETTE_PORT,
  SEQUENCER_PORT,
  STATUS_PORT,
} from './vga-registers.ts';

/** Index and data registers side by side; how many registers each has. */
const INDEXED = [
  { name: 'sequencer', port: SEQUENCER_PORT, count: 5 },
  { name: 'graphics controller', port: GRAPHICS_PORT, count: 9 },
  { name: 'CRT controller', port: CRTC_PORT, count: 25 },
] as const;
const CRTC = 2;
/** The attribute controller has one port for index and data, in turns. */
const ATTRIBUTE_COUNT = 21;
const ATTRIBUTE_INDEX_MASK = 0x3f;

/** Miscellaneous output: written at one port, read at another. Colour addresses, RAM enabled, 28 MHz. */
const MISCELLANEOUS_WRITE_PORT = 0x3c2;
const MISCELLANEOUS_READ_PORT = 0x3cc;
const MISCELLANEOUS = 0x67;

/** What the BIOS sets for mode 3: 80 × 25 characters of 9 × 16. */
const MODE_3: readonly (readonly number[])[] = [
  [0x03, 0x00, 0x03, 0x00, 0x02],
  [0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x0f, 0xff],
  [
    0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c,
    0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff,
  ],
];
const MODE_3_ATTRIBUTES: readonly number[] = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00,
  0x0f, 0x08, 0x00,
];

const CURSOR_OFF = 0x20;

/** The palette: 256 colours of three bytes, reached through a mask, a read index and a write index. */
const PALETTE_BYTES = 768;
const PALETTE_MASK = 0;
const PALETTE_READ_INDEX = 1;
const PALETTE_WRITE_INDEX = 2;

/** Input status 1: no display right now; vertical retrace. A frame takes 449 lines of 31.778 µs, 400 of them visible. */
const STATUS_BLANK = 0x01;
const STATUS_RETRACE = 0x08;
const LINE_NANOSECONDS = 31_778;
const LINES = 449;
const VISIBLE_LINES = 400;
const RETRACE_START = 412;
const RETRACE_END = 414;

/**
 * The registers of a VGA in text mode. They are kept and read back; those of the cursor and of the start address decide
 * what the host shows. Text memory is RAM, and there are no other modes.
 */
export class Vga implements Device {
  readonly name = 'vga';
  readonly #clock: VirtualClock;
  readonly #indices = [0, 0, 0];
  readonly #registers: readonly number[][] = MODE_3.map((values) => [...values]);
  readonly #attributes = [...MODE_3_ATTRIBUTES];
  #attributeIndex = 0;
  /** The next write to the attribute port is data. */
  #attributeData = false;
  #miscellaneous = MISCELLANEOUS;
  readonly #palette = new Uint8Array(PALETTE_BYTES);
  /** The palette as it was saved last; undefined when it has changed. It is large, and snapshots are frequent. */
  #savedPalette: readonly number[] | undefined;
  #paletteMask = 0xff;
  /** Byte of the palette that is read or written next. */
  #paletteRead = 0;
  #paletteWrite = 0;

  constructor(config: { bus: MachineBus; clock: VirtualClock }) {
    const { bus, clock } = config;
    this.#clock = clock;
    INDEXED.forEach(({ name, port, count }, chip) => {
      bus.addPorts({
        name: `${this.name} ${name}`,
        base: port,
        length: 2,
        width: 1,
        read: (offset) => (offset === 0 ? this.#index(chip) : (this.#chip(chip)[this.#index(chip)] ?? 0)),
        write: (offset, _size, value) => {
          if (offset === 0) this.#indices[chip] = value;
          else if (this.#index(chip) < count) this.#chip(chip)[this.#index(chip)] = value;
        },
      });
    });
    this.#addAttributePorts(bus);
    this.#addPalettePorts(bus);
    this.#addMiscellaneousPorts(bus);
  }

  /** Which part of text memory is shown. */
  get view(): TextView {
    const crtc = this.#chip(CRTC);
    const pair = (high: number, low: number) => ((crtc[high] as number) << 8) | (crtc[low] as number);
    const off = ((crtc[CrtcRegister.CursorStart] as number) & CURSOR_OFF) !== 0;
    return {
      start: pair(CrtcRegister.StartHigh, CrtcRegister.StartLow),
      cursor: off ? undefined : pair(CrtcRegister.CursorHigh, CrtcRegister.CursorLow),
    };
  }

  #chip(index: number): number[] {
    return this.#registers[index] as number[];
  }

  #index(chip: number): number {
    return this.#indices[chip] as number;
  }

  #addAttributePorts(bus: MachineBus): void {
    bus.addPorts({
      name: `${this.name} attribute controller`,
      base: ATTRIBUTE_PORT,
      length: 2,
      width: 1,
      read: (offset) =>
        offset === 0 ? this.#attributeIndex : (this.#attributes[this.#attributeIndex & 0x1f] ?? 0),
      write: (offset, _size, value) => {
        if (offset !== 0) return;
        if (!this.#attributeData) this.#attributeIndex = value & ATTRIBUTE_INDEX_MASK;
        else if ((this.#attributeIndex & 0x1f) < ATTRIBUTE_COUNT) {
          this.#attributes[this.#attributeIndex & 0x1f] = value;
        }
        this.#attributeData = !this.#attributeData;
      },
    });
    bus.addPorts({
      name: `${this.name} status`,
      base: STATUS_PORT,
      length: 1,
      width: 1,
      read: () => {
        this.#attributeData = false;
        return this.#status;
      },
      write: () => {},
    });
  }

  get #status(): number {
    const line = Math.floor(this.#clock.now / LINE_NANOSECONDS) % LINES;
    if (line < VISIBLE_LINES) return 0;
    return line >= RETRACE_START && line < RETRACE_END ? STATUS_BLANK | STATUS_RETRACE : STATUS_BLANK;
  }

  #addPalettePorts(bus: MachineBus): void {
    bus.addPorts({
      name: `${this.name} palette`,
      base: PALETTE_PORT,
      length: 4,
      width: 1,
      read: (offset) => {
        if (offset === PALETTE_MASK) return this.#paletteMask;
        if (offset === PALETTE_READ_INDEX) return 0;
        if (offset === PALETTE_WRITE_INDEX) return Math.floor(this.#paletteWrite / 3);
        const value = this.#palette[this.#paletteRead] as number;
        this.#paletteRead = (this.#paletteRead + 1) % PALETTE_BYTES;
        return value;
      },
      write: (offset, _size, value) => {
        if (offset === PALETTE_MASK) this.#paletteMask = value;
        else if (offset === PALETTE_READ_INDEX) this.#paletteRead = 3 * value;
        else if (offset === PALETTE_WRITE_INDEX) this.#paletteWrite = 3 * value;
        else {
          this.#palette[this.#paletteWrite] = value & 0x3f;
          this.#savedPalette = undefined;
          this.#paletteWrite = (this.#paletteWrite + 1) % PALETTE_BYTES;
        }
      },
    });
  }

  #addMiscellaneousPorts(bus: MachineBus): void {
    bus.addPorts({
      name: `${this.name} miscellaneous output`,
      base: MISCELLANEOUS_WRITE_PORT,
      length: 1,
      width: 1,
      // Input status 0: nothing to say.
      read: () => 0,
      write: (_offset, _size, value) => {
        this.#miscellaneous = value;
      },
    });
    bus.addPorts({
      name: `${this.name} miscellaneous output read`,
      base: MISCELLANEOUS_READ_PORT,
      length: 1,
      width: 1,
      read: () => this.#miscellaneous,
      write: () => {},
    });
  }

  reset(): void {
    this.#indices.fill(0);
    MODE_3.forEach((values, chip) => {
      this.#chip(chip).splice(0, values.length, ...values);
    });
    this.#attributes.splice(0, ATTRIBUTE_COUNT, ...MODE_3_ATTRIBUTES);
    this.#attributeIndex = 0x20;
    this.#attributeData = false;
    this.#miscellaneous = MISCELLANEOUS;
    this.#palette.fill(0);
    this.#savedPalette = undefined;
    this.#paletteMask = 0xff;
    this.#paletteRead = 0;
    this.#paletteWrite = 0;
  }

  save(): DeviceState {
    this.#savedPalette ??= Object.freeze([...this.#palette]);
    return {
      indices: [...this.#indices],
      sequencer: [...this.#chip(0)],
      graphics: [...this.#chip(1)],
      crtc: [...this.#chip(CRTC)],
      attributes: [...this.#attributes],
      attributeIndex: this.#attributeIndex,
      attributeData: this.#attributeData,
      miscellaneous: this.#miscellaneous,
      palette: this.#savedPalette,
      paletteMask: this.#paletteMask,
      paletteRead: this.#paletteRead,
      paletteWrite: this.#paletteWrite,
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#indices.splice(0, 3, ...reader.numbers('indices'));
    ['sequencer', 'graphics', 'crtc'].forEach((field, chip) => {
      const values = reader.numbers(field);
      this.#chip(chip).splice(0, values.length, ...values);
    });
    this.#attributes.splice(0, ATTRIBUTE_COUNT, ...reader.numbers('attributes'));
    this.#attributeIndex = reader.number('attributeIndex');
    this.#attributeData = reader.boolean('attributeData');
    this.#miscellaneous = reader.number('miscellaneous');
    // The list that was saved last is still the palette: it is forgotten with the first change.
    if (this.#savedPalette === undefined || state.palette !== this.#savedPalette) {
      this.#palette.set(reader.numbers('palette'));
      this.#savedPalette = undefined;
    }
    this.#paletteMask = reader.number('paletteMask');
    this.#paletteRead = reader.number('paletteRead');
    this.#paletteWrite = reader.number('paletteWrite');
  }
}
