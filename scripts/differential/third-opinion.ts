import { Disassembler } from '../../emu/debug/disassembler.ts';
import { unicornDeviation } from '../../test/oracles/unicorn-deviations.ts';
import type { Outcome, Runner } from '../../test/oracles/user-case.ts';
import type { GeneratedCase } from './generate.ts';
import { difference } from './verdict.ts';

/** Of how many cases Unicorn is asked about one: it is the slowest of the three. */
const ONE_IN = 8;

/**
 * What Unicorn says about cases of one instruction of 64-bit code on general registers. Where it differs from the host's processor, puffer has been
 * held to the host already: the difference is Unicorn's, and is counted by its cause, or by mnemonic when the cause is not known.
 */
export class ThirdOpinion {
  readonly #unicorn: Runner;
  readonly #disassembler: Disassembler;
  readonly deviations = new Map<string, number>();
  asked = 0;
  agreed = 0;
  #seen = 0;

  private constructor(unicorn: Runner, disassembler: Disassembler) {
    this.#unicorn = unicorn;
    this.#disassembler = disassembler;
  }

  static async create(unicorn: Runner): Promise<ThirdOpinion> {
    return new ThirdOpinion(unicorn, await Disassembler.load());
  }

  async hear(found: readonly GeneratedCase[], expected: readonly Outcome[]): Promise<void> {
    for (let i = 0; i < found.length; i++) {
      const one = found[i] as GeneratedCase;
      const reference = expected[i] as Outcome;
      if (one.test.bits === 32 || one.test.fx || reference.end === 'hang') continue;
      // Of some instructions with LOCK Unicorn dies.
      if (one.instructions.length > 1 || one.instructions.some(({ refused }) => refused)) continue;
      if (this.#seen++ % ONE_IN !== 0) continue;
      const [opinion] = await this.#unicorn.run([one.test]);
      this.asked++;
      if (
        opinion === undefined ||
        difference(one, reference, opinion, { undefinedFlagsOpen: true }) === undefined
      ) {
        this.agreed++;
        continue;
      }
      const cause = structuralCause(one) ?? unicornDeviation(this.#text(one), reference) ?? notKnown(one);
      this.deviations.set(cause, (this.deviations.get(cause) ?? 0) + 1);
    }
  }

  #text({ instructions }: GeneratedCase): string {
    return instructions
      .map(({ bytes }) => this.#disassembler.one(Uint8Array.from(bytes), 0n).text)
      .join('; ');
  }

  toJSON(): { asked: number; agreed: number; reasons: Record<string, number> } {
    return { asked: this.asked, agreed: this.agreed, reasons: Object.fromEntries(this.deviations) };
  }

  /** Adds what `toJSON` gave in an earlier run. */
  add(saved: { asked: number; agreed: number; reasons: Readonly<Record<string, number>> }): void {
    this.asked += saved.asked;
    this.agreed += saved.agreed;
    for (const [reason, times] of Object.entries(saved.reasons)) {
      this.deviations.set(reason, (this.deviations.get(reason) ?? 0) + times);
    }
  }

  close(): void {
    this.#unicorn.close();
    this.#disassembler.close();
  }
}

const notKnown = ({ instructions }: GeneratedCase): string =>
  `not known: ${instructions[0]?.form.mnemonic ?? ''}`;

const SEGMENT_INSTRUCTIONS = /^(LAR|LSL|VER[RW]|L[DEFGS]S|IRET|RETF|INT\w*|SYS\w+)$/;

/** What Unicorn's machine has not got, whatever the instruction's operands are. */
function structuralCause({ instructions }: GeneratedCase): string | undefined {
  const { row } = instructions[0]?.form ?? {};
  if (row === undefined) return undefined;
  if (row.feature !== undefined) return 'has a processor model without the feature';
  const farOrSegment =
    row.operands.includes('Sw') || (row.operands === 'M' && /^(JMP|CALL)$/.test(row.mnemonic));
  const popsSegment = row.operands === '' && /^(POP|PUSH)$/.test(row.mnemonic);
  if (farOrSegment || popsSegment || SEGMENT_INSTRUCTIONS.test(row.mnemonic))
    return 'has no descriptor tables';
  return undefined;
}
