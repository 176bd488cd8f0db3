/** Ends a delivery. The sender's module turns it into the answer that its sender understands. */
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

  /** A JSON answer that tells a person what to do; `headers` are the sender's own words for it. */
  toResponse(headers: Record<string, string> = {}): Response {
    const all = new Headers(headers);
    if (this.retryAfterSeconds !== undefined) all.set('retry-after', String(this.retryAfterSeconds));
    return Response.json({ error: this.code, message: this.message }, { status: this.status, headers: all });
  }
}

/** A setting is missing or wrong. 500, because the delivery itself is good and is worth keeping. */
export function misconfigured(message: string): DeliveryError {
  return new DeliveryError(500, 'misconfigured', message, 'never');
}

/** The value of a binding that has to be there. White space around a secret is a slip of the clipboard. */
export function setting(name: string, value: string | undefined): string {
  if (!value) throw misconfigured(`${name} is not set`);
  if (value !== value.trim()) throw misconfigured(`${name} begins or ends with white space; set it again without`);
  return value;
}
