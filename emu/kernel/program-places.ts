import { type CodePlace, KernelImage } from './kernel-image.ts';

/**
 * Names places in user code: functions and lines of programs by the name they run under (`ps_comm`). A file is read when its program is
 * first asked about. Throws ElfError and DwarfError for files that are no programs.
 */
export function programPlaces(
  fileOf: (comm: string) => Uint8Array | undefined,
): (comm: string, address: bigint) => CodePlace | undefined {
  const images = new Map<string, KernelImage | undefined>();
  return (comm, address) => {
    if (!images.has(comm)) {
      const bytes = fileOf(comm);
      images.set(comm, bytes && KernelImage.open(bytes));
    }
    return images.get(comm)?.place(address);
  };
}
