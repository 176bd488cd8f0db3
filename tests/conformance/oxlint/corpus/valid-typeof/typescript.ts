export const a = (b: unknown) => [typeof b === ('strnig' as string), (typeof b) === 'strnig', typeof b === 'strnig'!];
