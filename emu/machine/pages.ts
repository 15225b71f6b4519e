/** Bytes of a physical page. */
export const PAGE_SIZE = 4096;
/** 32-bit words of a page. */
export const PAGE_WORDS = PAGE_SIZE / 4;
/** Pages in a group. A snapshot costs a list of groups and the groups that changed, beside the pages that changed. */
export const GROUP_PAGES = 128;

/** `GROUP_PAGES` pages; those that are all zeros, and those beyond RAM, are undefined. */
export type PageGroup = readonly (Uint8Array | undefined)[];

/** RAM as pages that are never changed. Snapshots share the pages and the groups that they have in common. */
export interface Pages {
  /** How many pages RAM has. */
  readonly count: number;
  readonly groups: readonly PageGroup[];
}

const ZERO_GROUP: PageGroup = new Array<undefined>(GROUP_PAGES).fill(undefined);

/** RAM that is all zeros. */
export function zeroPages(count: number): Pages {
  return { count, groups: new Array<PageGroup>(Math.ceil(count / GROUP_PAGES)).fill(ZERO_GROUP) };
}

/** RAM of `count` pages that holds the given pages, by number, and zeros. */
export function pagesFrom(count: number, present: Iterable<readonly [number, Uint8Array]>): Pages {
  const groups: (Uint8Array | undefined)[][] = zeroPages(count).groups.map((group) => [...group]);
  for (const [page, bytes] of present) {
    const group = groups[Math.floor(page / GROUP_PAGES)];
    if (page < count && group !== undefined) group[page % GROUP_PAGES] = bytes;
  }
  return { count, groups };
}

/** The bytes of a page, undefined when they are all zeros. */
export function pageAt(pages: Pages, page: number): Uint8Array | undefined {
  return pages.groups[Math.floor(page / GROUP_PAGES)]?.[page % GROUP_PAGES];
}

/** The pages that are not all zeros, with their numbers, in order. */
export function presentPages(pages: Pages): [number, Uint8Array][] {
  const present: [number, Uint8Array][] = [];
  pages.groups.forEach((group, index) => {
    group.forEach((bytes, at) => {
      if (bytes !== undefined) present.push([index * GROUP_PAGES + at, bytes]);
    });
  });
  return present;
}

/** How many pages `after` does not share with `before`: what it costs to keep it too. */
export function countUnsharedPages(before: Pages, after: Pages): number {
  let count = 0;
  after.groups.forEach((group, index) => {
    const other = before.groups[index];
    if (group === other) return;
    group.forEach((bytes, at) => {
      if (bytes !== undefined && bytes !== other?.[at]) count++;
    });
  });
  return count;
}

/** Whether the page that begins at a word index is all zeros. */
export function isZeroPage(words: Uint32Array, start: number): boolean {
  const end = start + PAGE_WORDS;
  for (let at = start; at < end; at += 8) {
    const any =
      (words[at] as number) |
      (words[at + 1] as number) |
      (words[at + 2] as number) |
      (words[at + 3] as number) |
      (words[at + 4] as number) |
      (words[at + 5] as number) |
      (words[at + 6] as number) |
      (words[at + 7] as number);
    if (any !== 0) return false;
  }
  return true;
}
