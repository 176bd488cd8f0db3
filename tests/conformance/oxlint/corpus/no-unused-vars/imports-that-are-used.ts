import { mapFields as map, retry } from './kit';
import type { Event } from './types';
import everything from './everything';
import * as space from './space';
export const go = (event: Event) => retry(map(everything, space.table, event));
