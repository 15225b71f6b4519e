import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { describe, expect, test } from 'vitest';

/** How to find out whether an oracle works here, and what to install when it does not. */
export interface OracleProbe {
  /** The Debian package that provides it. */
  readonly package: string;
  /** Whether it works; throwing counts as no. */
  works(): boolean;
}

/** Something we did not write and compare with. */
export interface Oracle {
  readonly name: string;
  readonly available: boolean;
  /** Empty when available; else what is missing and how to get it. */
  readonly why: string;
}

/** Looks for an oracle. */
export function oracle(name: string, probe: OracleProbe): Oracle {
  let available = false;
  try {
    available = probe.works();
  } catch {
    // A probe that fails has found nothing.
  }
  return { name, available, why: available ? '' : `${name} is missing: apt-get install ${probe.package}` };
}

/** A probe that runs a command and looks at its exit status: `commandProbe('gdb', ['--version'], 'gdb')`. */
export function commandProbe(command: string, args: readonly string[], packageName: string): OracleProbe {
  return { package: packageName, works: () => spawnSync(command, args, { stdio: 'ignore' }).status === 0 };
}

/** With PUFFER_REQUIRE_ORACLES=1 a missing oracle is a failure, not a skip. */
export function oraclesAreRequired(): boolean {
  return process.env.PUFFER_REQUIRE_ORACLES === '1';
}

/**
 * A `describe` whose tests need oracles. Where one is missing they are reported as skipped, with the package to
 * install in the title; with PUFFER_REQUIRE_ORACLES=1 one failing test says so instead.
 */
export function describeWithOracle(
  oracles: Oracle | readonly Oracle[],
  title: string,
  body: () => void,
): void {
  const missing = [oracles].flat().filter(({ available }) => !available);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const why = missing.map((one) => one.why).join('; ');
  if (oraclesAreRequired()) {
    describe(title, () => {
      test('its oracles are installed', () => expect.fail(why));
    });
  } else {
    describe.skip(`${title} (${why})`, body);
  }
}
