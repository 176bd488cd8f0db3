export const a = (b?: { c?: { d: number }[] }) => [(b?.c)!.length, [...b?.c!], b!.c?.[0].d, (b?.c satisfies unknown).length];
