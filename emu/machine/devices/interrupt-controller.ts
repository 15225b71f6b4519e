import type { MachineBus } from '../bus.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader } from '../device-state.ts';
import { CASCADE, I8259 } from './i8259.ts';

/** Ports of the two chips, and of the chip set's edge/level control registers (Intel 82371 PIIX data sheet). */
const FIRST_PORT = 0x20;
const SECOND_PORT = 0xa0;
const EDGE_LEVEL_PORT = 0x4d0;
/** IRQ 0, 1, 2, 8 and 13 are edge-triggered for good. */
const FIRST_LEVEL_CAPABLE = 0xf8;
const SECOND_LEVEL_CAPABLE = 0xde;

/** Number of interrupt request lines. */
export const IRQ_COUNT = 16;

/** The two cascaded 8259A of a PC: sixteen lines in, one INTR out. */
export class InterruptController implements Device {
  readonly name = 'i8259';
  readonly #first = new I8259({ name: 'i8259.first', isFirst: true, levelCapable: FIRST_LEVEL_CAPABLE });
  readonly #second = new I8259({ name: 'i8259.second', isFirst: false, levelCapable: SECOND_LEVEL_CAPABLE });
  #lines = 0;

  /** `onOutput` is told the level of INTR whenever it may have changed. */
  constructor(config: { bus: MachineBus; onOutput: (interruptRequest: boolean) => void }) {
    this.#first.onOutput = () => config.onOutput(this.#first.output);
    this.#second.onOutput = () => this.#first.setLine(CASCADE, this.#second.output);
    this.#addPorts(config.bus);
  }

  /** The INTR output. */
  get output(): boolean {
    return this.#first.output;
  }

  /** The line that a device drives. */
  line(irq: number): InterruptLine {
    return { irq, set: (high) => this.setLine(irq, high) };
  }

  setLine(irq: number, high: boolean): void {
    const bit = 1 << irq;
    if (((this.#lines & bit) !== 0) === high) return;
    this.#lines ^= bit;
    if (irq < 8) this.#first.setLine(irq, high);
    else this.#second.setLine(irq - 8, high);
  }

  /** Acknowledge cycle: the vector to deliver; the spurious vector of the chip when the request has gone. */
  acknowledge(): number {
    const level = this.#first.acknowledge();
    if (level !== CASCADE) return this.#first.vector(level);
    const vector = this.#second.vector(this.#second.acknowledge());
    // The second chip drops INT during the cycle, so that a request left over (automatic EOI) makes a new edge.
    this.#first.setLine(CASCADE, false);
    this.#first.setLine(CASCADE, this.#second.output);
    return vector;
  }

  /** Whether a request on `irq` would reach the processor: not masked, and not outranked by one in service. */
  wouldInterrupt(irq: number): boolean {
    if (irq < 8) return this.#first.wouldInterrupt(irq);
    return this.#second.wouldInterrupt(irq - 8) && this.#first.wouldInterrupt(CASCADE);
  }

  #addPorts(bus: MachineBus): void {
    for (const [base, chip] of [
      [FIRST_PORT, this.#first],
      [SECOND_PORT, this.#second],
    ] as const) {
      bus.addPorts({
        name: chip.name,
        base,
        length: 2,
        width: 1,
        read: (offset) => chip.read(offset === 1),
        write: (offset, _size, value) => chip.write(offset === 1, value),
      });
    }
    const chips = [this.#first, this.#second] as const;
    bus.addPorts({
      name: 'edge/level control',
      base: EDGE_LEVEL_PORT,
      length: chips.length,
      width: 1,
      read: (offset) => (offset === 0 ? chips[0] : chips[1]).levelTriggered,
      write: (offset, _size, value) => {
        (offset === 0 ? chips[0] : chips[1]).levelTriggered = value;
      },
    });
  }

  reset(): void {
    this.#lines = 0;
    this.#second.reset();
    this.#first.reset();
  }

  save(): DeviceState {
    return { lines: this.#lines, first: this.#first.save(), second: this.#second.save() };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#lines = reader.number('lines');
    // The first chip comes last: restoring the second one drives the cascade line.
    this.#second.restore(reader.part('second'));
    this.#first.restore(reader.part('first'));
  }
}
