import { DwarfError } from '../symbols/index.ts';
import { KernelError } from './errors.ts';

/** Reads values that the guest may not have, and keeps what went wrong, so that an event can say so instead of failing. */
export class Reading {
  /** What could not be read, in sentences. */
  readonly missing: string[] = [];

  /** The value, or undefined with the reason kept. Errors that are not about the guest pass through. */
  try<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof KernelError || error instanceof DwarfError)) throw error;
      if (!this.missing.includes(error.message)) this.missing.push(error.message);
      return undefined;
    }
  }
}
