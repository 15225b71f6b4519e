import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { DebugBreakpoints } from './debug-breakpoints.ts';
import { generalProtection } from './exception.ts';
import { ioPrivilegeLevel } from './flags.ts';
import type { Mmu } from './mmu.ts';
import { currentPrivilege, isProtectedMode } from './mode.ts';
import { Through } from './segment-checks.ts';
import { Status } from './status.ts';
import type { TaskState } from './task.ts';

const RAX = layout.GPR;
const RDX = layout.GPR + 2 * 8;

type PortSize = 1 | 2 | 4;

/** IN, OUT, INS and OUTS with IOPL and the TSS's I/O permission bitmap (AMD APM vol. 2, section 12.2.4). */
export class Ports {
  readonly #state: State;
  readonly #bus: Bus;
  readonly #mmu: Mmu;
  readonly #task: TaskState;
  readonly #breakpoints: DebugBreakpoints;

  constructor(state: State, bus: Bus, mmu: Mmu, task: TaskState, breakpoints: DebugBreakpoints) {
    this.#state = state;
    this.#bus = bus;
    this.#mmu = mmu;
    this.#task = task;
    this.#breakpoints = breakpoints;
  }

  /** The access is made: breakpoints on the ports are met. */
  #done(port: number, size: number): number {
    this.#mmu.watch.noteGuestHits(this.#breakpoints.portHits(port, size));
    return Status.Next;
  }

  portIn(port: number, size: number): number {
    const number = port & 0xffff;
    if (!this.#mayAccess(number, size)) return Status.Fault;
    const state = this.#state;
    const value = this.#bus.portRead(number, size as PortSize);
    if (size === 4) state.setPair(RAX, value, 0);
    else if (size === 2) state.u16[RAX >>> 1] = value;
    else state.u8[RAX] = value;
    return this.#done(number, size);
  }

  portOut(port: number, size: number): number {
    const number = port & 0xffff;
    if (!this.#mayAccess(number, size)) return Status.Fault;
    const value = this.#state.get32(RAX);
    this.#bus.portWrite(number, size as PortSize, truncate(value, size));
    return this.#done(number, size);
  }

  /** What INS and OUTS ask first: #GP(0) without permission for port DX. */
  checkPortString(size: number): number {
    const port = this.#state.get32(RDX) & 0xffff;
    return this.#mayAccess(port, size) ? Status.Next : Status.Fault;
  }

  portInString(size: number, addressLow: number, addressHigh: number): number {
    const port = this.#state.get32(RDX) & 0xffff;
    if (!this.#mayAccess(port, size)) return Status.Fault;
    // The store must be known to succeed before the device is read: reading it has effects.
    const offset = this.#mmu.writeSlow(addressLow, addressHigh, size, Through.Destination);
    if (offset === 0) return Status.Fault;
    const value = this.#bus.portRead(port, size as PortSize);
    const view = this.#mmu.view;
    if (size === 4) view.setUint32(offset, value, true);
    else if (size === 2) view.setUint16(offset, value, true);
    else view.setUint8(offset, value);
    this.#mmu.commitBounce();
    return this.#done(port, size);
  }

  portOutString(size: number, addressLow: number, addressHigh: number): number {
    const port = this.#state.get32(RDX) & 0xffff;
    if (!this.#mayAccess(port, size)) return Status.Fault;
    const offset = this.#mmu.readSlow(addressLow, addressHigh, size, Through.Operand);
    if (offset === 0) return Status.Fault;
    const view = this.#mmu.view;
    let value: number;
    if (size === 4) value = view.getUint32(offset, true);
    else value = size === 2 ? view.getUint16(offset, true) : view.getUint8(offset);
    this.#bus.portWrite(port, size as PortSize, value);
    return this.#done(port, size);
  }

  /** False with #GP(0), or the page fault of reading the bitmap, recorded. */
  #mayAccess(port: number, size: number): boolean {
    const state = this.#state;
    if (!isProtectedMode(state) || currentPrivilege(state) <= ioPrivilegeLevel(state)) return true;
    const allowed = this.#task.portAllowed(port, size);
    if (allowed === 0) generalProtection(state);
    return allowed === 1;
  }
}

function truncate(value: number, size: number): number {
  if (size === 4) return value >>> 0;
  return size === 2 ? value & 0xffff : value & 0xff;
}
