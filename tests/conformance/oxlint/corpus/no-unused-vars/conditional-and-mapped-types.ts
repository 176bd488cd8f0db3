export type First<T> = T extends Array<infer V> ? 1 : 2;
export type All = { [K in 'a']: 1 };
export type Item<T> = T extends Array<infer V> ? V : never;
