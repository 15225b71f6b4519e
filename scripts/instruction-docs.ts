/** Writes emu/cpu/INSTRUCTIONS.md from the instruction table; part of `npm run docs:update`. */
import { writeFileSync } from 'node:fs';
import { instructionDocument, instructionDocumentPath } from './docs/instructions.ts';

writeFileSync(instructionDocumentPath(), instructionDocument());
process.stdout.write(`written: ${instructionDocumentPath('')}\n`);
