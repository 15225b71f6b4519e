/**
 * Writes the outputs that the documents show anew: `npm run docs:update [DOCUMENT…]`, all documents with commands when
 * none is named. Exits 1, leaving what it does not understand as it is, when a shown line is not found in the output.
 */
import { writeFileSync } from 'node:fs';
import {
  documentsWithCommands,
  pufferArguments,
  readDocument,
  remembering,
  rewriteDocument,
  rewriteOutput,
  runPuffer,
  shownCommands,
} from './docs/index.ts';
import { absolute } from './guest/index.ts';

const run = remembering(runPuffer);

function update(path: string): number {
  const markdown = readDocument(path);
  const rewrites = shownCommands(markdown).flatMap((command) => {
    const args = pufferArguments(command);
    return args === undefined ? [] : [rewriteOutput(command, run(args, command.input))];
  });
  const updated = rewriteDocument(markdown, rewrites);
  if (updated !== markdown) writeFileSync(absolute(path), updated);
  process.stdout.write(`${updated === markdown ? 'up to date' : 'updated'}: ${path}\n`);
  const failed = rewrites.flatMap((rewrite) => rewrite.failed);
  for (const { line, what } of failed) process.stderr.write(`${path}:${line}: ${what}\n`);
  return failed.length;
}

const named = process.argv.slice(2);
const failures = (named.length > 0 ? named : documentsWithCommands()).map(update);
process.exitCode = failures.some((count) => count > 0) ? 1 : 0;
