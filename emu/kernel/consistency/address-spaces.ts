import { checkAmaps } from './amaps.ts';
import type { Findings } from './findings.ts';
import { readMap } from './map-entries.ts';
import { checkMappings } from './mappings.ts';
import { addressSpaces, nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

/** Maps of user processes: entries, amaps, anons, and the page tables against all that. */
export function checkAddressSpaces(s: Structures, population: Population, findings: Findings): void {
  const inSpace = BigInt(s.field('vmspace', 'vm_map').offset);
  const maps = [...addressSpaces(s, population)].map(([space, owner]) =>
    readMap(s, space + inSpace, nameOf(s, owner), findings),
  );
  checkAmaps(s, maps, findings);
  for (const map of maps) checkMappings(s, map, findings);
}
