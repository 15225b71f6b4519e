/** puffer as a library. */
export { type FlatFault, FlatMachine, type FlatOutcome, type FlatPermissions } from './cpu/flat.ts';
export * from './kernel/index.ts';
export {
  BootError,
  decodeSnapshot,
  type Ending,
  encodeSnapshot,
  MachineError,
  type MachineStop,
  type RegisterName,
  type Snapshot,
} from './machine/index.ts';
export { Machine, type MachineOptions, type RunUntil } from './puffer-machine.ts';
