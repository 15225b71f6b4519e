import { Oscillator } from '../oscillator.ts';

/** The input clock of a PC's timer: a third of the NTSC colour carrier. */
const INPUT_CLOCK = new Oscillator(1_193_182);

/** In Hz. */
export const PIT_FREQUENCY = INPUT_CLOCK.frequency;

/** Whole input clocks in a span of guest time (ns). */
export function ticksIn(nanoseconds: number): number {
  return INPUT_CLOCK.ticksIn(nanoseconds);
}

/** The shortest span of guest time (ns) that holds `ticks` whole input clocks. */
export function nanosecondsFor(ticks: number): number {
  return INPUT_CLOCK.nanosecondsFor(ticks);
}
