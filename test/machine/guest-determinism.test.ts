import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { decodeSnapshot, EVENT_NAMES, encodeSnapshot, ForkRecorder, Machine } from '../../emu/index.ts';
import { guestImage } from '../../emu/vitest/guest-image.ts';
import { COMMAND_LINE, gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { findPositions, hashesAt, type Positions, sessionMachine } from './support/guest-run.ts';

const PRINT_HASHES = fileURLToPath(new URL('./support/print-hashes.js', import.meta.url));
const SLICE = 1_000_000;

describeWithOracle(gcc, 'the state of the booted guest, from power-on to after ls and beyond', () => {
  let files: Awaited<ReturnType<typeof guestImage>>;
  let positions: Positions;
  let ticks = 0;
  /** Of a plain run. */
  let expected: { readonly ofLs: readonly string[]; readonly ofSession: readonly string[] };

  const fresh = (): Machine => sessionMachine({ ...files, commandLine: COMMAND_LINE });
  const both = (): number[] => [...positions.ofLs, ...positions.ofSession];
  const allExpected = (): string[] => [...expected.ofLs, ...expected.ofSession];

  beforeAll(async () => {
    files = await guestImage();
    positions = findPositions({ ...files, commandLine: COMMAND_LINE });
    const machine = fresh();
    expected = {
      ofLs: hashesAt(machine, positions.ofLs),
      ofSession: hashesAt(machine, positions.ofSession),
    };
    ticks = machine.kernel.global('ticks').number();
  });

  it('should change from each of the twenty positions to the next', () => {
    expect(new Set(allExpected()).size).toBe(20);
    // The clock has interrupted the session, idle and at work.
    expect(ticks).toBeGreaterThan(3);
  });

  it('should be the same when the run is repeated', () => {
    expect(hashesAt(fresh(), both())).toEqual(allExpected());
  });

  it('should be the same in slices of 7 steps and of a million', () => {
    expect(hashesAt(fresh(), both(), SLICE)).toEqual(allExpected());
    expect(hashesAt(fresh(), positions.ofLs, 7)).toEqual(expected.ofLs);
  });

  it('should be the same step by step', () => {
    expect(hashesAt(fresh(), positions.ofLs, 1)).toEqual(expected.ofLs);
  });

  it('should be the same with every event and the fork report on', () => {
    const machine = fresh();
    const seen = new Set<string>();
    for (const name of EVENT_NAMES) machine.on(name, () => seen.add(name));
    const recorder = new ForkRecorder(machine.tracer, { from: 'power-on' });
    expect(hashesAt(machine, both())).toEqual(allExpected());
    recorder.finish();
    expect([...seen].sort()).toEqual(EVENT_NAMES.filter((name) => name !== 'kernel:panic').sort());
    expect(recorder.reports.length).toBeGreaterThan(2);
  });

  it('should be the same with observers that come and go in the middle of a run', () => {
    const machine = fresh();
    let systemCalls = 0;
    let printed = 0;
    const watch = (): (() => void) =>
      machine.core.breakpoints.add(machine.image.address('mi_syscall'), () => {
        systemCalls++;
        again();
        again = watch();
        return 'continue';
      });
    let again = watch();
    machine.console.onOutput(() => printed++);
    expect(hashesAt(machine, both())).toEqual(allExpected());
    expect(systemCalls).toBeGreaterThan(100);
    expect(printed).toBeGreaterThan(100);
  });

  it('should be the same after the machine has gone back, at every one of the positions', () => {
    const machine = fresh();
    const found: string[] = [];
    for (const position of both()) {
      const before = machine.snapshot();
      machine.run({ position });
      const hash = machine.stateHash();
      machine.core.restore(before);
      machine.run({ position });
      expect(machine.stateHash()).toBe(hash);
      found.push(hash);
    }
    expect(found).toEqual(allExpected());
  });

  it('should be the same in another machine that takes over from a snapshot file', () => {
    let machine = fresh();
    for (const [index, position] of both().entries()) {
      expect(hashesAt(machine, [position])).toEqual([allExpected()[index]]);
      const file = encodeSnapshot(machine.snapshot());
      machine = fresh();
      machine.restore(decodeSnapshot(file));
      expect(machine.stateHash()).toBe(allExpected()[index]);
    }
  });

  it('should be the same when the input log is replayed', () => {
    const recorded = fresh();
    recorded.run({ position: positions.ofSession.at(-1) });
    const { entries } = recorded.core.input;
    expect(entries.map(({ kind }) => kind)).toEqual(['console', 'console', 'console', 'console']);
    for (const slice of [1001, SLICE]) {
      const machine = Machine.create({ ...files, commandLine: COMMAND_LINE });
      machine.core.replay(entries);
      expect(hashesAt(machine, both(), slice)).toEqual(allExpected());
    }
  });

  it('should be the same whether V8 has optimised or not', () => {
    const directory = mkdtempSync(join(tmpdir(), 'puffer-guest-'));
    try {
      const path = (name: string): string => join(directory, name);
      writeFileSync(path('bsd'), files.kernel.bytes);
      writeFileSync(path('initrd'), files.initrd.bytes);
      const run = (...flags: string[]): string[] => {
        const operands = [path('bsd'), path('initrd'), COMMAND_LINE, 'ls', ...positions.ofLs.map(String)];
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          [...flags, PRINT_HASHES, ...operands],
          {
            encoding: 'utf8',
          },
        );
        expect(stderr).toBe('');
        expect(status).toBe(0);
        return JSON.parse(stdout) as string[];
      };
      // Baseline code alone, of wasm and of JavaScript; then optimised code of both as early as it can be had.
      const baseline = run('--liftoff-only', '--no-opt');
      expect(baseline).toHaveLength(positions.ofLs.length);
      expect(run('--no-liftoff', '--always-turbofan')).toEqual(baseline);
      expect(run()).toEqual(baseline);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
