/** puffer for vitest: a booted guest for each test, and matchers for what its kernel does. */
export { type BootedGuest, guestTest, type ShellResult } from './fixture.ts';
export { pufferMatchers } from './matchers.ts';
export { Observation } from './observation.ts';
