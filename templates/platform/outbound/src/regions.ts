// Upstreams that keep data per region under different hosts. A provider with one host for all regions is not here.

/** Per provider: region → its hosts, in the same order for each region. */
const REGIONAL_HOSTS: readonly Record<string, readonly string[]>[] = [
  // PagerDuty service regions: https://support.pagerduty.com/main/docs/service-regions
  { us: ['api.pagerduty.com', 'events.pagerduty.com'], eu: ['api.eu.pagerduty.com', 'events.eu.pagerduty.com'] },
  // HubSpot data hosting: EU accounts answer under api-eu1.
  { us: ['api.hubapi.com'], eu: ['api-eu1.hubapi.com'] },
];

/** The host to call instead, when this one belongs to another region and the provider has one in this region. */
export function hostElsewhere(host: string, region: string): string | null {
  for (const provider of REGIONAL_HOSTS) {
    const own = Object.hasOwn(provider, region) ? provider[region] : undefined;
    if (!own || own.includes(host)) continue;
    const index = Object.values(provider)
      .map((hosts) => hosts.indexOf(host))
      .find((index) => index >= 0);
    if (index !== undefined) return own[index] ?? null;
  }
  return null;
}
