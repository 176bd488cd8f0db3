import { Event } from './types';
import { kit } from './kit';
export const go = (event: Event): typeof kit => event.kit;
