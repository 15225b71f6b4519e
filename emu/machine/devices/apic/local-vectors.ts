import type { DeviceState } from '../../device.ts';
import { StateReader } from '../../device-state.ts';
import { LocalApicRegister, MASKED } from './local-apic-registers.ts';

/** Bits that software may write, by register: vector, delivery mode, polarity, trigger mode, mask, timer mode. */
const WRITABLE: ReadonlyMap<number, number> = new Map([
  [LocalApicRegister.TimerVector, 0x3_00ff],
  [LocalApicRegister.ThermalVector, 0x1_07ff],
  [LocalApicRegister.PerformanceVector, 0x1_07ff],
  [LocalApicRegister.Lint0Vector, 0x1_a7ff],
  [LocalApicRegister.Lint1Vector, 0x1_a7ff],
  [LocalApicRegister.ErrorVector, 0x1_00ff],
]);

/** The local vector table of a local APIC (AMD APM vol. 2, section 16.4): what its own interrupt sources deliver. */
export class LocalVectors {
  readonly #entries = new Map<number, number>();

  constructor() {
    this.reset();
  }

  /** Whether a register belongs to the table. */
  has(register: number): boolean {
    return WRITABLE.has(register);
  }

  get(register: number): number {
    return this.#entries.get(register) as number;
  }

  /** `enabled`: the APIC is enabled by software; if not, no entry can be unmasked. */
  set(register: number, value: number, enabled: boolean): void {
    const bits = value & (WRITABLE.get(register) as number);
    this.#entries.set(register, enabled ? bits : bits | MASKED);
  }

  /** The APIC is disabled by software. */
  maskAll(): void {
    for (const [register, value] of this.#entries) this.#entries.set(register, value | MASKED);
  }

  reset(): void {
    for (const register of WRITABLE.keys()) this.#entries.set(register, MASKED);
  }

  save(): DeviceState {
    return { entries: [...WRITABLE.keys()].map((register) => this.get(register)) };
  }

  restore(state: DeviceState): void {
    const values = new StateReader('local vector table', state).numbers('entries');
    [...WRITABLE.keys()].forEach((register, index) => {
      this.#entries.set(register, values[index] ?? MASKED);
    });
  }
}
