/** The debugger's commands: each a thin layer over the session, answering text and data. */
export type { Answer, Command } from './command.ts';
export { type Completions, complete } from './completion.ts';
export { COMMANDS, isRepeatable, opensBlock, type Result, resultsOf, runCommandLine } from './interpreter.ts';
export { placeText } from './stop-report.ts';
