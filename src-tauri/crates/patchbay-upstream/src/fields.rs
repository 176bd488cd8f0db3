//! What a field mapping may write to each upstream. Where the customer's own columns decide, any name is taken.

use crate::{airtable, hubspot, notion, pagerduty, salesforce, slack};
use patchbay_core::field::{Holds, KnownField, UpstreamFields};

/// The fields of an upstream by its id; `None` for those that are written by code alone.
pub fn fields_of(upstream: &str) -> Option<UpstreamFields> {
    match upstream {
        "airtable" => Some(airtable::mapped_fields()),
        "hubspot" => Some(hubspot::mapped_fields()),
        "notion" => Some(notion::mapped_fields()),
        "pagerduty" => Some(pagerduty::mapped_fields()),
        "salesforce" => Some(salesforce::mapped_fields()),
        "slack" => Some(slack::mapped_fields()),
        _ => None,
    }
}

/// A field that takes any text up to a length.
pub(crate) fn text(name: &'static str, longest: usize) -> KnownField {
    KnownField { name, holds: Holds::Text, longest: Some(longest), one_of: &[] }
}

/// A field that holds something else.
pub(crate) fn holding(name: &'static str, holds: Holds) -> KnownField {
    KnownField { name, holds, longest: None, one_of: &[] }
}

#[cfg(test)]
mod tests {
    use super::fields_of;
    use crate::upstreams::{ALL, Upstreams};
    use patchbay_core::field::OtherFields;

    #[test]
    fn every_description_is_of_an_upstream_and_names_nothing_twice() {
        let mut described = 0;
        for (id, _) in ALL {
            let Some(fields) = fields_of(id) else { continue };
            described += 1;
            assert_eq!(fields.upstream, id);
            let mut names: Vec<&str> = fields.fields.iter().map(|field| field.name).collect();
            names.extend(fields.types.iter().map(|kind| kind.name));
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{id} names a field or a type twice");
        }
        assert!(described >= 6);
        assert_eq!(Upstreams::id_for_host("api.notion.com"), Some("notion"));
    }

    #[test]
    fn names_are_judged_as_the_upstream_judges_them() {
        let takes = |others: OtherFields, name: &str| others.takes(name);
        assert!(takes(OtherFields::Ending("__c"), "Plan__c") && !takes(OtherFields::Ending("__c"), "__c"));
        assert!(takes(OtherFields::LowerCase, "last_seen_2") && !takes(OtherFields::LowerCase, "Last_seen"));
    }
}
