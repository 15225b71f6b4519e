export {
  type BuildOptions,
  type BuildSummary,
  buildGuest,
  type GuestPart,
  isGuestStale,
  type Progress,
} from './build.ts';
export { builtProgram, programFile, sourcePath, sourceText } from './built-files.ts';
export { type CpioEntry, CpioError, type CpioFile, writeCpio } from './cpio.ts';
export { exitStatusOf, GuestBuildError, type GuestBuildErrorCode } from './errors.ts';
export { absolute, guestPaths, repositoryRoot } from './paths.ts';
export { compileProgram } from './program.ts';
export { scratchProgram } from './sources.ts';
export { type MissingTool, missingTool } from './toolchain.ts';
export { programPath, strippedPath } from './userland.ts';
