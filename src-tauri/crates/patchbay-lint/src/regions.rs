//! Upstreams that keep data per region under different hosts, as the outbound worker knows them.

/// Region and host of one provider's service; the hosts of one service stand together.
const REGIONAL_HOSTS: &[&[(&str, &str)]] = &[
    // PagerDuty service regions: https://support.pagerduty.com/main/docs/service-regions
    &[("us", "api.pagerduty.com"), ("eu", "api.eu.pagerduty.com")],
    &[("us", "events.pagerduty.com"), ("eu", "events.eu.pagerduty.com")],
    // HubSpot data hosting: EU accounts answer under api-eu1.
    &[("us", "api.hubapi.com"), ("eu", "api-eu1.hubapi.com")],
];

/// The host to call instead, when this one belongs to another region and the provider has one in this region.
pub(crate) fn host_elsewhere(host: &str, region: &str) -> Option<&'static str> {
    let service = REGIONAL_HOSTS.iter().find(|service| service.iter().any(|(_, known)| *known == host))?;
    let (_, own) = service.iter().find(|(known, _)| *known == region)?;
    (*own != host).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::REGIONAL_HOSTS;
    use std::collections::BTreeSet;

    #[test]
    fn the_outbound_worker_knows_the_same_hosts() {
        let path = "../../../templates/platform/outbound/src/regions.ts";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(path).expect("the outbound worker is there");
        let hosts = text.split('\'').filter(|part| part.contains('.') && !part.contains([' ', '\n']));
        let theirs: BTreeSet<&str> = hosts.collect();
        let ours: BTreeSet<&str> =
            REGIONAL_HOSTS.iter().flat_map(|service| service.iter().map(|(_, host)| *host)).collect();
        assert_eq!(ours, theirs, "calls are refused by the one and reported by the other");
    }
}
