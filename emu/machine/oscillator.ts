import { NANOSECONDS } from './clock.ts';

/** An oscillator of a whole number of Hz, started at guest time 0. Exact: seconds are split off, so that nothing exceeds 2^53. */
export class Oscillator {
  /** Hz. */
  readonly frequency: number;

  /** `frequency`: Hz, at most 9 million. */
  constructor(frequency: number) {
    this.frequency = frequency;
  }

  /** Whole ticks in a span of guest time (ns). */
  ticksIn(nanoseconds: number): number {
    const seconds = Math.floor(nanoseconds / NANOSECONDS);
    const rest = nanoseconds - seconds * NANOSECONDS;
    return seconds * this.frequency + Math.floor((rest * this.frequency) / NANOSECONDS);
  }

  /** The shortest span of guest time (ns) that holds `ticks` whole ticks. */
  nanosecondsFor(ticks: number): number {
    const seconds = Math.floor(ticks / this.frequency);
    const rest = ticks - seconds * this.frequency;
    return seconds * NANOSECONDS + Math.ceil((rest * NANOSECONDS) / this.frequency);
  }
}
