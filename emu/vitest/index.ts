/** puffer for vitest: a booted guest for each test, and matchers for what its kernel does. */
export {
  BootedGuest,
  type Checkpoint,
  type GuestSetup,
  type ShellResult,
  type UntilOptions,
} from './booted-guest.ts';
export { GuestTestError, type GuestTestErrorCode } from './errors.ts';
export type { CallArguments } from './faults/failing-calls.ts';
export {
  type FailingCall,
  type FaultAtPosition,
  Faults,
  type HappenedFault,
  type PlannedFault,
} from './faults/faults.ts';
export { preemptionSweep, type SweepRun } from './faults/preemption.ts';
export { type GuestFixtures, guestTest } from './fixture.ts';
export { LEFT_OUT, type PathOptions } from './golden/path.ts';
export { CallTree, type TraceChoice, type TracedCall, traceCalls } from './looking/call-tree.ts';
export { ALL_QUANTITIES, type Count, census, differences, type Quantity } from './looking/census.ts';
export { GuestProcess } from './looking/guest-process.ts';
export type { NamedView } from './looking/named-view.ts';
export type { FieldContent, StructFields } from './looking/struct-fields.ts';
export type { ExpectedFork } from './matchers/events.ts';
export type { GoldenPathOptions } from './matchers/golden-path.ts';
export { pufferMatchers } from './matchers.ts';
export { Observation } from './observation.ts';
export type { Observed } from './observed.ts';
export {
  OtherKernel,
  type OtherKernelFixtures,
  type OtherKernelSetup,
  otherKernelTest,
} from './other-kernel.ts';
export { type RunToOptions, runTo, runToReturn } from './run-to.ts';
export { type Argument, Call, call, forking, intAt, type UserAddress } from './scratch/calls.ts';
export type { ProgramOptions, ProgramResult, ScratchEnd, ScratchProcess } from './scratch/process.ts';
export type { SyscallResult } from './scratch/result.ts';
export type { ProcessSetup } from './scratch/setup.ts';
export type { FieldValue } from './scratch/struct-bytes.ts';
export type { CaughtSignal, UserBuffer, UserMemory, UserStruct } from './scratch/user-memory.ts';
