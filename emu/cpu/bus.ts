/**
 * What the processor asks of the machine it sits in. The machine implements this; `cpu` knows nothing else of it.
 */

/** Width of one bus access in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

export interface Bus {
  /** Reads an I/O port. Returns the value zero-extended; a port nobody answers reads as all ones. */
  portRead(port: number, size: 1 | 2 | 4): number;
  /** Writes an I/O port. */
  portWrite(port: number, size: 1 | 2 | 4, value: number): void;
  /**
   * Reads physical memory that is not RAM (MMIO or a hole; a hole reads as all ones).
   * `address` is the physical address (an integer below 2^52); sizes of 8 are split by the processor into two reads of 4.
   */
  memoryRead(address: number, size: 1 | 2 | 4): number;
  /** Writes physical memory that is not RAM. A write to a hole is dropped. */
  memoryWrite(address: number, size: 1 | 2 | 4, value: number): void;
  /** Acknowledges the interrupt controller: returns the vector (0-255) of the interrupt to deliver and marks it in service. */
  acknowledgeInterrupt(): number;
  /** MOV to CR8: the local APIC's task priority class, 0–15. Absent when the machine has no local APIC. */
  taskPriorityWritten?(priorityClass: number): void;
  /** WRMSR to APIC_BASE, with the halves that the MSR now holds. Absent when the machine has no local APIC. */
  apicBaseWritten?(low: number, high: number): void;
  /** The time-stamp counter at the given step position, as [low 32 bits, high 32 bits] (unsigned). */
  timeStampCounter(position: number): readonly [number, number];
}
