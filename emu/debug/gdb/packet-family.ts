import type { Session } from './session.ts';
import type { GdbTarget } from './target.ts';

/** Serves a packet: `argument` is what follows its name. Returns the reply; undefined for none. Throws PacketError. */
export type PacketHandler = (
  session: Session,
  argument: string,
) => string | undefined | Promise<string | undefined>;

/** Packets that belong together. What the target cannot do is left out, and so answered as unknown. */
export interface PacketFamily {
  /** What qSupported says. */
  features?(target: GdbTarget): readonly string[];
  /** Packets that are their name and nothing else. */
  exact?(target: GdbTarget): Readonly<Record<string, PacketHandler>>;
  /** Packets whose name is followed by arguments. */
  prefixed?(target: GdbTarget): Readonly<Record<string, PacketHandler>>;
}

/** Finds the handler of a packet: an exact name goes before the longest prefix. */
export class PacketTable {
  readonly #exact = new Map<string, PacketHandler>();
  readonly #prefixed: (readonly [prefix: string, handler: PacketHandler])[] = [];

  constructor(families: readonly PacketFamily[], target: GdbTarget) {
    for (const family of families) {
      for (const [name, handler] of Object.entries(family.exact?.(target) ?? {})) {
        this.#exact.set(name, handler);
      }
      this.#prefixed.push(...Object.entries(family.prefixed?.(target) ?? {}));
    }
    this.#prefixed.sort(([a], [b]) => b.length - a.length);
  }

  find(packet: string): { handler: PacketHandler; argument: string } | undefined {
    const exact = this.#exact.get(packet);
    if (exact !== undefined) return { handler: exact, argument: '' };
    const found = this.#prefixed.find(([prefix]) => packet.startsWith(prefix));
    return found && { handler: found[1], argument: packet.slice(found[0].length) };
  }
}
