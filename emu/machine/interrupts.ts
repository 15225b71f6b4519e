import type { MachineBus } from './bus.ts';
import type { Timer, VirtualClock } from './clock.ts';
import type { Device, InterruptLine } from './device.ts';
import { IoApic } from './devices/apic/io-apic.ts';
import { LocalApic } from './devices/apic/local-apic.ts';
import { NO_VECTOR } from './devices/apic/vector-set.ts';
import { InterruptController } from './devices/interrupt-controller.ts';
import { InterruptGate } from './interrupt-gate.ts';

/** The local APIC's timer among the interrupts that timers can lead to: behind the lines of a PC. */
const LOCAL_TIMER = 16;
const TIMER_IRQ = 0;
/** The 8254's line goes to this pin of the I/O APIC; the cascade line, whose number it has, never leaves the 8259s. */
const TIMER_PIN = 2;

export interface InterruptsConfig {
  readonly bus: MachineBus;
  readonly clock: VirtualClock;
  /** Drives the processor's INTR pin. */
  readonly setInterruptRequest: (high: boolean) => void;
  readonly setTaskPriorityClass: (priority: number) => void;
  /** The local APIC calls for a non-maskable interrupt, or for INIT. */
  readonly onSignal: (signal: 'nonMaskable' | 'init') => void;
}

/**
 * The interrupt controllers of a PC and the wires between them: each line goes to the 8259s and to the I/O APIC, the
 * 8259s drive the local APIC's LINT0, and the local APIC interrupts the processor.
 */
export class Interrupts {
  readonly #pic: InterruptController;
  readonly #ioApic: IoApic;
  readonly #localApic: LocalApic;
  /** Holds the processor's INTR pin down for a debugger. */
  readonly gate: InterruptGate;

  constructor(config: InterruptsConfig) {
    const { bus, clock } = config;
    this.gate = new InterruptGate(config.setInterruptRequest);
    // Each of the three drives the others, when all are there.
    let complete = false;
    const update = () => {
      if (complete) this.#update();
    };
    this.#pic = new InterruptController({
      bus,
      onOutput: (high) => {
        if (complete) this.#localApic.setLint0(high);
        update();
      },
    });
    this.#localApic = new LocalApic({
      bus,
      clock,
      timerSource: LOCAL_TIMER,
      setTaskPriorityClass: config.setTaskPriorityClass,
      onChange: update,
      onEnable: () => this.#ioApic.retry(),
      onEndOfInterrupt: (vector) => this.#ioApic.endOfInterrupt(vector),
      onSignal: config.onSignal,
    });
    this.#ioApic = new IoApic({ bus, send: (message) => this.#localApic.receive(message) });
    complete = true;
  }

  /** In the order in which they are restored: those that drive others first. */
  get devices(): readonly Device[] {
    return [this.gate, this.#pic, this.#ioApic, this.#localApic];
  }

  /** The line that a device drives. */
  line(irq: number): InterruptLine {
    const pin = irq === TIMER_IRQ ? TIMER_PIN : irq;
    return {
      irq,
      set: (high) => {
        this.#pic.setLine(irq, high);
        this.#ioApic.setPin(pin, high);
      },
    };
  }

  /** Acknowledge cycle: the vector to deliver. */
  acknowledge(): number {
    const vector = this.#localApic.acknowledge();
    if (vector !== NO_VECTOR) return vector;
    return this.#localApic.passesExternal ? this.#pic.acknowledge() : this.#localApic.spuriousVector;
  }

  /** Whether the interrupt that a timer can lead to would reach the processor: neither masked nor outranked. */
  wouldInterrupt({ irq }: Timer): boolean {
    if (this.gate.held) return false;
    const local = this.#localApic;
    if (irq === LOCAL_TIMER) return local.timerWouldInterrupt;
    if ((local.passesExternal || local.lint0WouldInterrupt) && this.#pic.wouldInterrupt(irq)) return true;
    const vector = this.#ioApic.vectorOf(irq === TIMER_IRQ ? TIMER_PIN : irq);
    return vector !== undefined && local.wouldInterrupt(vector);
  }

  taskPriorityWritten(priorityClass: number): void {
    this.#localApic.taskPriorityWritten(priorityClass);
  }

  apicBaseWritten(low: number, high: number): void {
    this.#localApic.baseWritten(low, high);
  }

  #update(): void {
    const external = this.#localApic.passesExternal && this.#pic.output;
    this.gate.request(external || this.#localApic.pending !== NO_VECTOR);
  }
}
