use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::regions::host_elsewhere;

pub struct WrongRegionHost;

static DOCS: Docs = Docs {
    id: "wrong-region-host",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "`fetch` of a host that belongs to another region than the tenant's, where the provider has one in its region.",
    why: "The tenant's data may not leave its region: the outbound worker refuses the call, and the other region's host does not know the account.",
    good: "fetch('https://events.eu.pagerduty.com/v2/enqueue'); // for a tenant in eu",
};

impl Rule for WrongRegionHost {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let Some(tenant) = context.tenant else { return };
        for call in context.outbound_calls() {
            let Some(right) = host_elsewhere(call.host, tenant.region) else { continue };
            let message = format!(
                "`{}` is not in the region `{}` of tenant `{}`, so the call is refused",
                call.host, tenant.region, tenant.id
            );
            context.report(&context.files[call.file], call.span, message).help(format!("Call `{right}` instead"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::WrongRegionHost,
            &[
                handler("return fetch('https://events.eu.pagerduty.com/v2/enqueue');").egress(&[]),
                handler("return fetch('https://api-eu1.hubapi.com/crm/v3/objects/contacts');").egress(&[]),
                handler("return fetch('https://api.notion.com/v1/pages');").egress(&[]),
                // Without a tenant nobody knows the region.
                handler("return fetch('https://events.pagerduty.com/v2/enqueue');"),
                handler("return fetch(`https://${env.PAGERDUTY_HOST}/v2/enqueue`);").egress(&[]),
                handler("const link = 'https://api.pagerduty.com/'; return { link };").egress(&[]),
                handler("return fetch('https://api.pagerduty.com.example.org/');").egress(&[]),
            ],
            &[
                handler("return fetch('https://events.pagerduty.com/v2/enqueue', { method: 'POST' });").egress(&[]),
                case(
                    "import { API } from './api';\nexport default { fetch: (request) => fetch(new Request(`${API}/crm/v3/${request.url}`)) };",
                )
                .file("src/api.ts", "export const API = 'https://API.hubapi.com';")
                .egress(&["api.hubapi.com"]),
            ],
        );
    }
}
