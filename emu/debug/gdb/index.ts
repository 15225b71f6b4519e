/** The remote stub for gdb: the protocol over a target, and a machine as such a target. Sockets are the host's. */

export type { Pace, Slice } from './machine/machine-run.ts';
export { type MachineTargetOptions, machineTarget } from './machine/machine-target.ts';
export type { GdbTransport } from './session.ts';
export type { ExitStatus } from './stop-reply.ts';
export { type GdbConnection, type GdbEnd, GdbStub } from './stub.ts';
export type { GdbTarget, TargetStop } from './target.ts';
