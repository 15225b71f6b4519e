import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import { instructionDocument, instructionDocumentPath } from '../../scripts/docs/instructions.ts';

describe('the instruction table', () => {
  it('should say of every row that leaves flags undefined what becomes of them here', () => {
    const silent = instructionTable.filter(
      (row) => row.flags.undefined !== undefined && row.profile === undefined,
    );
    expect(silent.map(({ mnemonic, encoding }) => `${mnemonic} ${encoding}`)).toEqual([]);
  });

  it('should be what INSTRUCTIONS.md shows (npm run docs:update)', () => {
    expect(readFileSync(instructionDocumentPath(), 'utf8')).toBe(instructionDocument());
  });
});
