import { describe, expect, it } from 'vitest';
import { CLAIMED_FEATURES } from '../../emu/cpu/families/features.ts';
import { isClaimed } from '../../emu/cpu/system/features.ts';
import { stableName } from '../../scripts/differential/coverage.ts';
import { makeInstruction } from '../../scripts/differential/instruction.ts';
import { decodeWhole, forms, waysByForm } from '../../scripts/differential/ways.ts';
import { FLAT_SEGMENTS } from '../oracles/user-case.ts';
import { Random } from '../oracles/user-case-random.ts';

const TRIES = 4;

describe('machine code written from the table', () => {
  const ways = waysByForm();

  it('should reach every form of the table', () => {
    const claimed = forms.forms.filter(({ row }) => isClaimed(row.feature, CLAIMED_FEATURES));
    expect(claimed.filter((form) => !ways.has(form)).map((form) => form.key)).toEqual([]);
  });

  it('should give every form a name of its own that stays', () => {
    expect(new Set([...ways.keys()].map(stableName)).size).toBe(ways.size);
  });

  it('should decode to the form that it was written for, whatever registers, addresses and prefixes it has', () => {
    const wrong: string[] = [];
    for (const [form, list] of ways) {
      for (const way of list) {
        const random = new Random(form.key);
        const state = { segments: FLAT_SEGMENTS, fsBase: 0n, gsBase: 0n, offset: 0 };
        for (let i = 0; i < TRIES; i++) {
          const { bytes, refused } = makeInstruction(way, form, { ...state, random, pinned: new Map() });
          const decoded = decodeWhole(refused ? bytes.slice(1) : bytes, way.bits);
          if (decoded?.form !== form || decoded.encoding !== way.encoding) wrong.push(form.key);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
