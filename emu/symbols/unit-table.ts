import { isExactKey, lastNotAbove } from './address.ts';
import { ByteReader } from './byte-reader.ts';
import type { Die } from './die.ts';
import type { DwarfSections } from './dwarf-sections.ts';
import { DwarfError } from './errors.ts';
import { readUnitHeader, Unit, type UnitOwner } from './unit.ts';

/** A range of code and the unit it was compiled in. */
interface UnitRange {
  readonly low: number;
  readonly high: number;
  readonly unit: Unit;
}

/** All units of .debug_info: found by offset, by address and by type signature. Opening reads the headers only. */
export class UnitTable implements UnitOwner {
  readonly units: readonly Unit[];
  /** Units of DWARF versions puffer does not read; nothing of them is found. */
  readonly skippedUnits: number;
  readonly #inInfo: readonly Unit[];
  #ranges: readonly UnitRange[] | undefined;
  #signatures: Map<bigint, Unit> | undefined;

  /** Throws DwarfError when a unit header is damaged. */
  constructor(sections: DwarfSections) {
    const units: Unit[] = [];
    let skipped = 0;
    for (const section of [sections.info, sections.types]) {
      const reader = new ByteReader(section);
      while (!reader.atEnd) {
        const header = readUnitHeader(reader, section === sections.types);
        if (header === undefined) skipped++;
        else units.push(new Unit(sections, this, header));
      }
    }
    this.units = units;
    this.#inInfo = units.filter(({ header }) => header.section === sections.info);
    this.skippedUnits = skipped;
  }

  dieAt(offset: number): Die {
    const index = lastNotAbove(this.#inInfo.length, offset, (at) => this.#inInfo[at]?.start ?? 0);
    const unit = this.#inInfo[index];
    if (unit === undefined) {
      throw new DwarfError('bad-reference', `no unit holds .debug_info+0x${offset.toString(16)}`);
    }
    return unit.dieAt(offset);
  }

  typeBySignature(signature: bigint): Die | undefined {
    if (this.#signatures === undefined) {
      this.#signatures = new Map();
      for (const unit of this.units) {
        if (unit.header.typeSignature !== undefined) this.#signatures.set(unit.header.typeSignature, unit);
      }
    }
    const unit = this.#signatures.get(signature);
    return unit?.header.typeOffset === undefined ? undefined : unit.dieAt(unit.header.typeOffset);
  }

  /** The unit whose code holds an address key. */
  unitAt(key: number): Unit | undefined {
    if (!isExactKey(key)) return undefined;
    this.#ranges ??= this.units
      .flatMap((unit) => unit.ranges.map(({ low, high }) => ({ low, high, unit })))
      .sort((a, b) => a.low - b.low);
    const ranges = this.#ranges;
    const found = ranges[lastNotAbove(ranges.length, key, (index) => ranges[index]?.low ?? 0)];
    return found !== undefined && key < found.high ? found.unit : undefined;
  }
}
