export { type CommandResult, type Mismatch, mismatches } from './compare-output.ts';
export { DocumentError, pufferArguments, type ShownCommand, shownCommands } from './console-blocks.ts';
export { documentsWithCommands, readDocument, remembering, runPuffer } from './documents.ts';
export { type Rewrite, rewriteDocument, rewriteOutput } from './rewrite.ts';
