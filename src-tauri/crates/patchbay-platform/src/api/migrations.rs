//! Migrations: which classes of a script implement Durable Objects, and whose storage is whose.
//!
//! The rules and texts are those that clients of Cloudflare report: 10061, 10064, 10070, 10074, 10079.

use super::refusal::Refusal;
use crate::runtime::validate::Export;
use crate::store::details::{Details, DurableClass};
use crate::store::new_id;
use patchbay_cloudflare::wire::codes::ApiCode;
use serde::Deserialize;
use serde_json::Value;

/// One step: what happens to classes, in this order.
#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Cloudflare's names")]
struct Step {
    new_classes: Vec<String>,
    new_sqlite_classes: Vec<String>,
    renamed_classes: Vec<Renamed>,
    deleted_classes: Vec<String>,
    transferred_classes: Vec<Value>,
}

#[derive(Deserialize)]
struct Renamed {
    from: String,
    to: String,
}

/// `{old_tag, new_tag, steps: […]}`, or one step beside the tags.
#[derive(Deserialize)]
struct Migrations {
    old_tag: Option<String>,
    new_tag: Option<String>,
    steps: Option<Vec<Step>>,
}

/// Applies the `migrations` of an upload to what the version before left. Without any, its classes stay.
pub(super) fn apply(wanted: Option<Value>, before: Option<&Details>, details: &mut Details) -> Result<(), Refusal> {
    details.migration_tag = before.and_then(|before| before.migration_tag.clone());
    details.durable_classes = before.map(|before| before.durable_classes.clone()).unwrap_or_default();
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_null()) else { return Ok(()) };
    let unreadable = |_| {
        let text =
            "`migrations` is not as expected: send `old_tag`, `new_tag` and a list of `steps` whose classes are names.";
        Refusal::with(ApiCode::MigrationConflict, text)
    };
    let single = Step::deserialize(&wanted).map_err(unreadable)?;
    let Migrations { old_tag, new_tag, steps } = serde_json::from_value(wanted).map_err(unreadable)?;
    let given = old_tag.unwrap_or_default();
    let current = details.migration_tag.clone().unwrap_or_default();
    if given != current {
        let text = format!(
            "Actor migration tag precondition failed, got tag '{given}' when expected tag is '{current}'. Send the steps that come after '{current}', with it as `old_tag`."
        );
        return Err(Refusal::with(ApiCode::MigrationTagMismatch, text));
    }
    for step in steps.into_iter().flatten().chain([single]) {
        take(step, &mut details.durable_classes)?;
    }
    if new_tag.is_some() {
        details.migration_tag = new_tag;
    }
    Ok(())
}

fn take(step: Step, classes: &mut Vec<DurableClass>) -> Result<(), Refusal> {
    let conflict = |text: String| Err(Refusal::with(ApiCode::MigrationConflict, text));
    let position = |classes: &[DurableClass], name: &str| classes.iter().position(|class| class.class_name == name);
    let made = step.new_classes.into_iter().map(|name| (name, false));
    for (class_name, sqlite) in made.chain(step.new_sqlite_classes.into_iter().map(|name| (name, true))) {
        let kind = if sqlite { "new-sqlite-class" } else { "new-class" };
        if position(classes, &class_name).is_some() {
            return conflict(format!(
                "Cannot apply {kind} migration to class '{class_name}' that is already depended on by existing Durable Objects."
            ));
        }
        classes.push(DurableClass { class_name, namespace_id: new_id(), sqlite });
    }
    for Renamed { from, to } in step.renamed_classes {
        let Some(at) = position(classes, &from) else {
            return conflict(format!("Cannot apply renamed_classes migration to non-existent class '{from}'."));
        };
        if position(classes, &to).is_some() {
            return conflict(format!(
                "Cannot rename class '{from}' to '{to}', which is already depended on by existing Durable Objects."
            ));
        }
        classes[at].class_name = to;
    }
    for name in step.deleted_classes {
        let Some(at) = position(classes, &name) else {
            return conflict(format!("Cannot apply deleted_classes migration to non-existent class '{name}'."));
        };
        classes.remove(at);
    }
    if !step.transferred_classes.is_empty() {
        return conflict("`transferred_classes` is not served by the embedded platform.".into());
    }
    Ok(())
}

/// Whether a script that was started has the classes that its Durable Objects depend on.
pub(super) fn check_exports(details: &Details, before: Option<&Details>, exports: &[Export]) -> Result<(), Refusal> {
    for DurableClass { class_name, namespace_id, .. } in &details.durable_classes {
        if exports.iter().any(|export| export.class && export.name == *class_name) {
            continue;
        }
        let is_old = before.is_some_and(|before| {
            before
                .durable_classes
                .iter()
                .any(|class| class.namespace_id == *namespace_id && class.class_name == *class_name)
        });
        return Err(if is_old {
            let text = format!(
                "New version of script does not export class '{class_name}' which is depended on by existing Durable Objects. To delete its objects, send a migration with `deleted_classes`."
            );
            Refusal::with(ApiCode::ClassGone, text)
        } else {
            let text =
                format!("Cannot apply new-class migration to class '{class_name}' that is not exported by script.");
            Refusal::with(ApiCode::ClassNotExported, text)
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{apply, check_exports};
    use crate::runtime::validate::Export;
    use crate::store::details::Details;
    use serde_json::{Value, json};

    fn after(before: &Details, wanted: Value) -> Result<Details, String> {
        let mut details = Details::default();
        apply(Some(wanted), Some(before), &mut details).map_err(|refusal| format!("{refusal:?}"))?;
        Ok(details)
    }

    fn classes(details: &Details) -> Vec<&str> {
        details.durable_classes.iter().map(|class| class.class_name.as_str()).collect()
    }

    #[test]
    fn steps_are_applied_in_order_and_storage_follows_a_rename() {
        let first = json!({"new_tag": "v1", "steps": [{"new_sqlite_classes": ["Room"]}, {"new_classes": ["Old"]}]});
        let one = after(&Details::default(), first).expect("applies");
        assert_eq!((classes(&one), one.migration_tag.as_deref()), (vec!["Room", "Old"], Some("v1")));
        assert!(one.durable_classes[0].sqlite && !one.durable_classes[1].sqlite);
        let second = json!({"old_tag": "v1", "new_tag": "v2",
            "steps": [{"renamed_classes": [{"from": "Room", "to": "Hall"}], "deleted_classes": ["Old"]}]});
        let two = after(&one, second).expect("applies");
        assert_eq!((classes(&two), two.migration_tag.as_deref()), (vec!["Hall"], Some("v2")));
        assert_eq!(two.durable_classes[0].namespace_id, one.durable_classes[0].namespace_id);
        let single =
            after(&Details::default(), json!({"new_tag": "v1", "new_classes": ["A"]})).expect("one step alone");
        assert_eq!(classes(&single), ["A"]);
    }

    #[test]
    fn a_migration_for_another_state_is_refused() {
        let one =
            after(&Details::default(), json!({"new_tag": "v1", "steps": [{"new_classes": ["A"]}]})).expect("applies");
        for (wanted, code) in [
            (json!({"new_tag": "v2", "steps": []}), "10079"),
            (json!({"old_tag": "v0", "new_tag": "v2", "steps": []}), "10079"),
            (json!({"old_tag": "v1", "new_tag": "v2", "steps": [{"new_classes": ["A"]}]}), "10074"),
            (json!({"old_tag": "v1", "new_tag": "v2", "steps": [{"deleted_classes": ["B"]}]}), "10074"),
            (
                json!({"old_tag": "v1", "new_tag": "v2", "steps": [{"renamed_classes": [{"from": "B", "to": "C"}]}]}),
                "10074",
            ),
            (json!({"old_tag": "v1", "steps": [{"transferred_classes": [{}]}]}), "10074"),
            (json!({"old_tag": "v1", "steps": "all"}), "10074"),
        ] {
            let refusal = after(&one, wanted.clone()).expect_err("refused");
            assert!(refusal.contains(code), "{wanted}: {refusal}");
        }
    }

    #[test]
    fn classes_must_be_exported() {
        let export = |name: &str, class| Export { name: name.into(), handlers: Vec::new(), class };
        let one =
            after(&Details::default(), json!({"new_tag": "v1", "steps": [{"new_classes": ["A"]}]})).expect("applies");
        assert!(check_exports(&one, None, &[export("A", true)]).is_ok());
        let new = check_exports(&one, None, &[export("A", false)]).expect_err("a value is no class");
        assert!(format!("{new:?}").contains("10070"));
        let old = check_exports(&one, Some(&one), &[]).expect_err("gone");
        assert!(format!("{old:?}").contains("10064"));
    }
}
