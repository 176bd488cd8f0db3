export const a = (b: number) => [b === (NaN), (NaN) > b, b === (NaN as number), b !== -NaN];
