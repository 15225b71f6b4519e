import { MachineBus } from '../../../emu/machine/bus.ts';
import { VirtualClock } from '../../../emu/machine/clock.ts';
import type { Ending } from '../../../emu/machine/ending.ts';

/** An interrupt line that remembers its level and counts rising edges. */
export class RecordedLine {
  readonly irq: number;
  high = false;
  rises = 0;

  constructor(irq: number) {
    this.irq = irq;
  }

  set(high: boolean): void {
    if (high && !this.high) this.rises++;
    this.high = high;
  }
}

/** A bus and a clock without a processor: time goes on when the test says so. */
export class Bench {
  position = 0;
  readonly clock = new VirtualClock(() => this.position);
  readonly bus = new MachineBus({
    acknowledgeInterrupt: () => 0,
    taskPriorityWritten: () => {},
    apicBaseWritten: () => {},
    timeAt: (position) => position,
  });
  readonly endings: Ending[] = [];
  readonly end = (ending: Ending): void => {
    this.endings.push(ending);
  };

  /** Lets guest time pass, and each timer expire at its time. */
  pass(nanoseconds: number): void {
    const end = this.position + nanoseconds;
    while (this.clock.nextDeadline() <= end) {
      this.position = Math.max(this.position, this.clock.nextDeadline());
      this.clock.expireDue();
    }
    this.position = end;
  }

  in(port: number): number {
    return this.bus.portRead(port, 1);
  }

  out(port: number, ...values: number[]): void {
    for (const value of values) this.bus.portWrite(port, 1, value);
  }
}
