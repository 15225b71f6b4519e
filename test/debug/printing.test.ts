import { afterEach, expect, it } from 'vitest';
import { CompiledPlaces } from '../../emu/debug/compiled/compiled-places.ts';
import { Evaluator, parseExpression } from '../../emu/debug/expressions/index.ts';
import { formatMessage } from '../../emu/debug/session/message.ts';
import type { DebugSession } from '../../emu/debug/session/session.ts';
import type { CodeLocation } from '../../emu/debug/stops/location.ts';
import type { PrintPlan } from '../../emu/debug/stops/stop-points.ts';
import { stripType, type Type } from '../../emu/symbols/index.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** What is printed and checked everywhere: every operator, conversions between types, registers, what every place can see. */
const ANYWHERE = [
  '%d|nprocesses',
  '%#x|nprocesses + 1',
  '%lu|&nprocesses',
  '%d|*&nprocesses * 0 == 0 ? 7 : 8',
  '%#lx|$rsp',
  '%lu|$rdi',
  '%ld|$rsi - $rdi',
  '%lx|$rdi & ~0xffful',
  '%lx|-$rdx',
  '%lx|$rax << 3 | 5',
  '%lx|$rax >> 3 ^ $rbx',
  '%ld|(long)$rcx >> 7',
  '%d|(int)$rcx',
  '%u|(unsigned int)$rcx',
  '%d|(int)$rcx < 0 || (unsigned int)$rcx > 5',
  '%d|$rsp > 0xffff800000000000ul && !($rsp & 7)',
  '%d|-1 < 1u',
  '%d|-1 < 1ul',
  "%c|'a' + 1",
  '%5d|1 << 31 >> 31',
  '%-5d!|-7',
  '%05d|-7',
  '%hhd|$rax',
  '%hu|$rdx',
  '%X|0xabcdef',
  '%#10x|$rcx',
  '%+d|hz',
  '%.3s|curproc->p_p->ps_comm',
  '%-12s!|curproc->p_p->ps_comm',
  '%s|version + 3',
  '%s|(char *)0',
  '%p|(char *)0',
  '%c|version[2]',
  '%g|hz * 1.5',
  '%-8x!|0xdeadbeef + 1u',
  '%08x|~0u >> 4',
  '%s|curproc->p_p->ps_comm',
  '%d|curproc->p_p->ps_pid',
  '%p|curproc->p_p->ps_pptr',
  '%d|curproc->p_p->ps_comm[0]',
  '%d|curcpu->ci_curproc == curproc',
  '%lx|curpcb->pcb_cr3',
  '%lx|*(unsigned long *)$rsp',
  '%x|*((unsigned char *)$rsp + 1)',
  '%d|((short *)$rsp)[2]',
  '%s %d|version, sizeof(int)',
  '%d%%|hz',
];

const PLACES = 60;
/** Steps from one place to the next, at most. */
const STRIDE = 80_000;

/** An expression of one of these makes a condition and a message. */
function planOf(session: DebugSession, line: string): PrintPlan {
  const [format = '', list = ''] = line.split('|', 1).concat(line.slice(line.indexOf('|') + 1));
  const texts = list.includes(', ') ? list.split(', ') : [list];
  return {
    format,
    expressions: texts.map((text) => ({ text, syntax: parseExpression(text, session.values) })),
  };
}

/** How a variable may be printed, by its type. */
function conversionsOf(name: string, type: Type): string[] {
  const bare = stripType(type);
  if (bare.kind === 'pointer') {
    const target = stripType(bare.target);
    const lines = [`%p|${name}`, `%lu|${name} + 3`, `%d|${name} == 0`, `%d|!${name}`];
    if (target.kind === 'base' && target.isCharacter) lines.push(`%s|${name}`);
    if (target.kind !== 'struct') return lines;
    const members = target.members.flatMap((one) => (one.name === undefined ? [] : [one]));
    return lines.concat(
      members.flatMap(({ name: member, type: inner }) => {
        const { kind } = stripType(inner);
        if (kind === 'array') return [`%s|${name}->${member}`, `%lx|&${name}->${member}[1]`];
        if (kind === 'struct' || kind === 'union') return [`%lx|&${name}->${member}`];
        return [`%d|${name}->${member}`, `%lx|(*${name}).${member}`];
      }),
    );
  }
  if (bare.kind === 'struct' || bare.kind === 'union') return [`%lx|&${name}`];
  return [`%d|${name}`, `%u|${name}`, `%x|${name}`, `%d|${name} > 0`];
}

/** What the evaluator prints, or the kind of its refusal. */
function evaluated<T>(action: () => T): T | { readonly refused: string } {
  try {
    return action();
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? String(error) };
  }
}

describeWithOracle(gcc, 'printing at breakpoints', () => {
  const guests: DebugGuest[] = [];

  afterEach(() => {
    for (const guest of guests.splice(0)) guest.close();
  });

  const boot = async (lines: readonly string[]): Promise<DebugGuest> => {
    const guest = await DebugGuest.boot(lines);
    guests.push(guest);
    return guest;
  };

  it('should mean the same compiled as it does to the evaluator, anywhere', async () => {
    const { session } = await boot(['ls -l']);
    const { machine, cpu, programs } = session.debuggee;
    const places = new CompiledPlaces(session.debuggee, session.selection, session.values);
    const known = new Map<bigint, { place: CodeLocation; plans: PrintPlan[] }>();
    let compiled = 0;
    let left = 0;
    let seed = 12345;
    for (let count = 0; count < PLACES; count++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      machine.run({ budget: 1 + (seed % STRIDE) });
      session.selection.reset();
      const address = cpu.linearInstructionPointer();
      const program = programs.at(address);
      const { level } = session.selection;
      if (program === undefined || level?.function === undefined) continue;
      let at = known.get(address);
      if (at === undefined) {
        const lines = session.selection.scope.locals().flatMap(({ name, type }) => conversionsOf(name, type));
        const plans = [...ANYWHERE, ...lines].map((line) => planOf(session, line));
        at = { place: { program, address }, plans };
        known.set(address, at);
      }
      const place = places.at(at.place);
      for (const plan of at.plans) {
        const text = place.message(plan);
        session.selection.reset();
        const expected = evaluated(() => formatMessage(plan, session.values));
        const what = `${plan.format} ${plan.expressions.map((one) => one.text)} at ${address.toString(16)}`;
        if (text === undefined) left++;
        else {
          compiled++;
          expect({ what, text }).toEqual({ what, text: expected });
        }
        const [only] = plan.expressions;
        if (only === undefined) continue;
        const holds = place.holds({ text: only.text, syntax: only.syntax });
        const truth = evaluated(() => new Evaluator(session.values).truth(only.syntax));
        if (holds !== undefined) expect({ what, holds }).toEqual({ what, holds: truth });
      }
      if (program !== programs.kernel) expect(place.runs()).toBe(true);
    }
    // What remains has no value there, or is for the evaluator alone.
    expect(compiled).toBeGreaterThan(2000);
    expect(left / compiled).toBeLessThan(0.5);
  });

  it('should find memory where the page walker finds it: in pages of all sizes, and where nothing is mapped', async () => {
    const { session } = await boot(['ls -l']);
    const { machine, cpu, kernel } = session.debuggee;
    const { inspector } = cpu.system;
    const sizes = new Set<number>();
    let unmapped = 0;
    for (const steps of [1_000_000, 1_000_000, 1_000_000]) {
      machine.run({ budget: steps });
      const starts = [
        ...kernel.image.symbols.symbols.map(({ address }) => address),
        ...['rsp', 'rip', 'rdi', 'rsi', 'gs_base', 'fs_base'].map((name) =>
          kernel.registers.get(name as 'rsp'),
        ),
        0xfffffd8000000000n,
        0x400000n,
        0x7f7fffff0000n,
      ];
      for (const start of starts) {
        for (const offset of [0n, 4095n, 0x1234n, 0x234567n, 0x4000_1234n, -0x10_0000n]) {
          const address = BigInt.asUintN(64, start + offset);
          const [low, high] = [0n, 32n].map((shift) => Number(BigInt.asIntN(32, address >> shift)));
          const found = inspector.longModeAddress(low as number, high as number);
          const expected =
            inspector.readMemory(address, 1).length === 1 ? inspector.translateAny(address) : -1;
          expect({ address, found }).toEqual({ address, found: expected });
          if (found < 0) unmapped++;
          const translation = inspector.translate(address);
          if (translation.kind === 'mapped') sizes.add(translation.pageSize);
        }
      }
    }
    expect(unmapped).toBeGreaterThan(100);
    expect(sizes.size).toBeGreaterThan(1);
  });

  it('should print in the order in which things happen, whether or not the processor asks in the middle of a slice', async () => {
    const logs = await Promise.all(
      [true, false].map(async (asks) => {
        const guest = await boot(['ls', 'echo done']);
        const { machine } = guest;
        if (!asks) machine.processor.askAtBreakpoint = undefined;
        let log = '';
        machine.console.onOutput((bytes) => {
          log += new TextDecoder().decode(bytes);
        });
        guest.host.print = (text) => {
          log += `<${machine.position} ${text.trim()}>`;
        };
        await guest.run(
          'dprintf mi_syscall,"%d of %s\\n",code,p->p_p->ps_comm',
          'dprintf prog:ls:main,"ls has %d\\n",argc',
          'dprintf putc,"%c\\n",c',
          'condition 3 c == 100',
          'continue',
        );
        return { log, hash: machine.stateHash() };
      }),
    );
    expect(logs[0]?.log).toMatch(/<\d+ 4 of ksh>/);
    expect(logs[0]?.log).toMatch(/<\d+ ls has 1>/);
    expect(logs[0]?.log).toMatch(/<\d+ d>/);
    expect(logs[0]?.log).not.toMatch(/<\d+ e>/);
    expect(logs[0]).toEqual(logs[1]);
    const plain = await boot(['ls', 'echo done']);
    await plain.run('continue');
    expect(plain.machine.stateHash()).toBe(logs[0]?.hash);
  });

  it('should print what the kernel sees, and nothing while time goes back', async () => {
    const guest = await boot(['ls']);
    await guest.run('dprintf fork1,"%d %s\\n",curp->p_p->ps_pid,curproc->p_p->ps_comm', 'continue');
    const { printed } = guest.host;
    expect(printed).toMatch(/^0 swapper\n(?:\d+ \w+\n)+$/);
    await guest.run('goto begin', 'goto 1000000');
    await guest.run('reverse-continue');
    expect(guest.host.printed).toBe(printed);
  });

  it('should print and go on at a breakpoint whose commands do only that', async () => {
    const guest = await boot(['ls', 'ls']);
    await guest.run(
      'break sys_fork',
      'commands 1 silent ; printf "fork of %s, ",p->p_p->ps_comm ; printf "%d processes\\n",nprocesses ; continue',
    );
    expect(await guest.run('continue')).toMatch(/waits|idle|end/i);
    expect(guest.host.printed).toBe(
      ['init, 5', 'ksh, 6', 'ksh, 6'].map((one) => `fork of ${one} processes\n`).join(''),
    );
    const [point] = (await guest.data('info breakpoints')) as { hits: number }[];
    expect(point?.hits).toBe(3);
    expect(await guest.run('printf "%d and %s\\n",1 + 1,version')).toMatch(/^2 and \S+/);
    expect((await guest.fails('printf "%d"')).code).toBe('usage');
  });

  it('should say what cannot be printed, at the first arrival', async () => {
    const guest = await boot(['ls']);
    await guest.run('dprintf fork1,"%d\\n",*(int *)8');
    expect((await guest.fails('continue')).code).toBe('unmapped');
    await guest.run('delete', 'break fork1 if *(int *)8 == 1');
    expect(await guest.run('continue')).toMatch(/fork1/);
    expect(guest.host.printed).toMatch(/cannot be evaluated here/);
  });
});
