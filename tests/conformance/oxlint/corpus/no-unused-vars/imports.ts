import { mapFields, retry } from './kit';
import type { Event, Tenant } from './types';
import everything from './everything';
import * as space from './space';
import './side-effect';
export default { fetch: (event: Event) => retry(event) };
