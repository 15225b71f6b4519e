/** The fuzzing room: programs of system calls made up, run and judged, guided by what they reach in the kernel. */
export { Campaign, type CampaignStep, type Crash, type ProgramRunner } from './campaign.ts';
export { CorpusDirectory } from './corpus.ts';
export { FuzzError, type FuzzErrorCode } from './errors.ts';
export { type Execution, Executor, executeProgram } from './executor.ts';
export { describeFinding, type Finding, titleOf } from './findings.ts';
export { type FuzzListener, type FuzzOptions, type FuzzSummary, fuzz } from './pool.ts';
export { type FuzzCall, type FuzzProgram, formatProgram, parseProgram } from './program.ts';
export { writeProgramInC } from './write-c.ts';
export { sequence, writeTest } from './write-test.ts';
