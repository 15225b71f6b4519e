/** puffer for vitest: a booted guest for each test, and matchers for what its kernel does. */
export { BootedGuest, type GuestSetup, type ShellResult } from './booted-guest.ts';
export { GuestTestError, type GuestTestErrorCode } from './errors.ts';
export { type GuestFixtures, guestTest } from './fixture.ts';
export { pufferMatchers } from './matchers.ts';
export { Observation } from './observation.ts';
export { type RunToOptions, runTo, runToReturn } from './run-to.ts';
