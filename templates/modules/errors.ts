/** Ends a delivery with a JSON answer that tells the sender, and a person, what to do. */
export class DeliveryError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** `again`: the same delivery may succeed later. `never`: somebody has to change something first. */
    readonly retry: 'again' | 'never',
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  toResponse(): Response {
    const headers = new Headers();
    // Slack sends an event again after any answer that is not 2xx, unless this header stops it.
    if (this.retry === 'never') headers.set('x-slack-no-retry', '1');
    if (this.retryAfterSeconds !== undefined) headers.set('retry-after', String(this.retryAfterSeconds));
    return Response.json({ error: this.code, message: this.message }, { status: this.status, headers });
  }
}

/** A setting is missing or wrong. 500, because the delivery itself is good and is worth keeping. */
export function misconfigured(message: string): DeliveryError {
  return new DeliveryError(500, 'misconfigured', message, 'never');
}
