//! Outbound parameters of Durable Objects and their alarms.

use crate::error::PlatformError;
use crate::runtime::Runtime;
use serde_json::{Map, Value, json};

impl Runtime {
    /// What the outbound worker is told about a call that belongs to no request: what the dispatcher says about every
    /// request to the script (`templates/platform/dispatcher/src/index.ts`), from the tenant's stored settings. A script
    /// that belongs to no tenant has none, and may call nobody.
    pub(crate) async fn own_parameters(&self, owner: &str, script: &str) -> Result<Value, PlatformError> {
        let Some(tenant) = owner.strip_prefix("tenant:") else { return Ok(of_tenant("", script, &Value::Null)) };
        let key = format!("tenant:{tenant}");
        let stored = self.store.change(move |change| change.routing_value(&key)).await?;
        // What cannot be read allows nothing.
        let settings = stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let adapter = script.strip_prefix(tenant).and_then(|rest| rest.strip_prefix('-')).unwrap_or(script);
        Ok(of_tenant(tenant, adapter, &settings))
    }
}

fn of_tenant(tenant: &str, adapter: &str, settings: &Value) -> Value {
    let mut limits = Map::new();
    for part in ["limits", "rate_limit"] {
        limits.extend(settings[part].as_object().cloned().unwrap_or_default());
    }
    let region = settings["region"].as_str().unwrap_or_default();
    let egress = settings["egress"].as_array().cloned().unwrap_or_default();
    json!({ "tenant": tenant, "adapter": adapter, "region": region, "egress": egress, "limits": limits })
}

#[cfg(test)]
mod tests {
    use super::of_tenant;
    use serde_json::{Value, json};

    #[test]
    fn parameters_are_those_that_the_dispatcher_gives() {
        let settings = json!({ "region": "eu", "egress": ["api.example"], "limits": { "cpu_ms": 50 },
            "rate_limit": { "requests_per_second": 2 } });
        let expected = json!({ "tenant": "acme", "adapter": "notion", "region": "eu", "egress": ["api.example"],
            "limits": { "cpu_ms": 50, "requests_per_second": 2 } });
        assert_eq!(of_tenant("acme", "notion", &settings), expected);
        let nothing = json!({ "tenant": "acme", "adapter": "notion", "region": "", "egress": [], "limits": {} });
        assert_eq!(of_tenant("acme", "notion", &Value::Null), nothing);
    }
}
