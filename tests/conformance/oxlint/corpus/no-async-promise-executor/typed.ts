export const a = new Promise<number>(async (resolve) => resolve(1));
export const b = new Promise<number>((async (resolve: (n: number) => void) => resolve(1)) as never);
