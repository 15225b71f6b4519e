import { NANOSECONDS } from '../clock.ts';

/** The input clock of a PC's timer in Hz: a third of the NTSC colour carrier. */
export const PIT_FREQUENCY = 1_193_182;

/** Whole input clocks in a span of guest time (ns). Exact: seconds are split off, so that nothing exceeds 2^53. */
export function ticksIn(nanoseconds: number): number {
  const seconds = Math.floor(nanoseconds / NANOSECONDS);
  const rest = nanoseconds - seconds * NANOSECONDS;
  return seconds * PIT_FREQUENCY + Math.floor((rest * PIT_FREQUENCY) / NANOSECONDS);
}

/** The shortest span of guest time (ns) that holds `ticks` whole input clocks. */
export function nanosecondsFor(ticks: number): number {
  const seconds = Math.floor(ticks / PIT_FREQUENCY);
  const rest = ticks - seconds * PIT_FREQUENCY;
  return seconds * NANOSECONDS + Math.ceil((rest * NANOSECONDS) / PIT_FREQUENCY);
}
