/** Linear addresses from here on are the kernel's, the same in every address space. */
export const KERNEL_HALF = 1n << 63n;
