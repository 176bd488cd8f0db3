import { DeliveryError } from './errors';

/** Deliveries at work in this isolate: event id → when they end at the latest, in milliseconds since the epoch. */
const running = new Map<string, number>();

/**
 * Keeps two deliveries of one event from running at the same time, as they do when a sender gives up waiting and sends
 * again at once. The second is asked to come back, when what the first one wrote can be found.
 */
export async function onlyOnce<T>(eventId: string, endsBy: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now();
  // A request that was cancelled never came to its `finally`.
  for (const [id, end] of running) if (end < now) running.delete(id);
  if (running.has(eventId)) {
    throw new DeliveryError(503, 'in_progress', 'This event is being delivered at this moment', 'again', 1);
  }
  running.set(eventId, endsBy);
  try {
    return await work();
  } finally {
    running.delete(eventId);
  }
}
