// HubSpot's three schemes against its own client.
import { Signature } from '@hubspot/api-client';
import { agree, withHeaders } from './agreement.js';

/** Every signature that a request carries, as the client wants it. */
function signatures({ method, url, headers, text }, clientSecret) {
  const rest = { method, url, requestBody: text, clientSecret };
  const found = [];
  if (headers['x-hubspot-signature-v3']) {
    const timestamp = Number(headers['x-hubspot-request-timestamp']);
    found.push({ ...rest, signatureVersion: 'v3', signature: headers['x-hubspot-signature-v3'], timestamp });
  }
  if (headers['x-hubspot-signature']) {
    const signatureVersion = headers['x-hubspot-signature-version'];
    found.push({ ...rest, signatureVersion, signature: headers['x-hubspot-signature'] });
  }
  return found;
}

agree({
  provider: 'hubspot',
  library: '@hubspot/api-client',
  accepts(request, secret) {
    const found = signatures(request, secret);
    return found.length > 0 && found.every((signature) => Signature.isValid(signature));
  },
  signs(request, secret) {
    const headers = {};
    const now = Date.now();
    for (const { signatureVersion, method, ...options } of signatures(request, secret)) {
      const signature = Signature.getSignature(method, signatureVersion, { ...options, timestamp: now });
      if (signatureVersion === 'v3') {
        headers['x-hubspot-signature-v3'] = signature;
        headers['x-hubspot-request-timestamp'] = String(now);
      } else {
        headers['x-hubspot-signature'] = signature;
      }
    }
    return withHeaders(request, headers);
  },
});
