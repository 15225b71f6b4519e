/** The part of capstone-js that is used: texts only (its operand details are not right in 5.0.9). */
declare module '@alexaltea/capstone-js' {
  interface CapstoneInstruction {
    readonly size: number;
    readonly mnemonic: string;
    readonly op_str: string;
  }
  interface CapstoneHandle {
    /** Throws a string when nothing can be decoded. */
    disasm(bytes: ArrayLike<number>, address: number): CapstoneInstruction[];
    option(option: number, value: number): void;
    close(): void;
  }
  interface CapstoneModule {
    readonly ARCH_X86: number;
    readonly MODE_32: number;
    readonly MODE_64: number;
    readonly Capstone: new (architecture: number, mode: number) => CapstoneHandle;
  }
  export default function load(): Promise<CapstoneModule>;
}
