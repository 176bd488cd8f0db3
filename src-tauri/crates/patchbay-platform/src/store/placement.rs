//! What a dispatch needs to know of a script, read without opening secrets.

use super::assets::RoutedAssets;
use super::details::Details;
use super::{Change, StoreError};
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::script::Limits;
use rusqlite::OptionalExtension;

/// The live version of a script, as far as it decides where the script runs.
pub(crate) struct LivePlacement {
    /// Id of the version.
    pub(crate) version: String,
    pub(crate) tags: Vec<String>,
    /// Types of its bindings.
    pub(crate) kinds: Vec<String>,
    /// Whether it has Durable Objects.
    pub(crate) has_classes: bool,
    /// Whether it may see `request.cf`.
    pub(crate) trusted: bool,
    /// Which requests its assets answer, when it has any.
    pub(crate) assets: Option<RoutedAssets>,
    /// What its upload said that a request may use.
    pub(crate) limits: Option<Limits>,
}

impl Change<'_> {
    /// What decides where a script runs; nothing for a script that does not exist.
    pub(crate) fn live_placement(&self, namespace: &str, name: &str) -> Result<Option<LivePlacement>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT versions.id, tags, bindings, details FROM scripts
             JOIN namespaces ON namespaces.id = namespace_id JOIN versions ON versions.id = live_version
             WHERE namespaces.name = ?1 AND scripts.name = ?2",
        )?;
        let row = statement.query_row((namespace, name), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        });
        let Some((version, tags, bindings, details)) = row.optional()? else { return Ok(None) };
        let details: Details = serde_json::from_str(&details).map_err(|_| StoreError::Unreadable("details"))?;
        Ok(Some(LivePlacement {
            assets: self.routing_of_assets(&version)?,
            version,
            tags: serde_json::from_str(&tags).map_err(|_| StoreError::Unreadable("tags"))?,
            kinds: stored(&bindings)?.into_iter().map(|binding| binding.kind).collect(),
            has_classes: !details.durable_classes.is_empty(),
            trusted: details.trusted,
            limits: details.limits,
        }))
    }

    /// The tags that scripts have had since they were created: what is stored beside the database belongs to one.
    pub(crate) fn script_tags(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT tag FROM scripts")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The tag of one script.
    pub(crate) fn script_tag(&self, namespace: &str, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT tag FROM scripts JOIN namespaces ON namespaces.id = namespace_id
             WHERE namespaces.name = ?1 AND scripts.name = ?2",
        )?;
        Ok(statement.query_row((namespace, name), |row| row.get(0)).optional()?)
    }

    /// Namespace and name of the script that has a tag.
    pub(crate) fn script_with_tag(&self, tag: &str) -> Result<Option<(String, String)>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT namespaces.name, scripts.name FROM scripts JOIN namespaces ON namespaces.id = namespace_id
             WHERE tag = ?1",
        )?;
        Ok(statement.query_row([tag], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Names of the queues that bindings of live versions name, once for each.
    pub(crate) fn queue_names(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT bindings FROM scripts JOIN versions ON versions.id = live_version")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut names = Vec::new();
        for row in rows {
            let queues = stored(&row)?.into_iter().filter(|binding| binding.kind == "queue");
            names.extend(queues.filter_map(|binding| binding.text_field("queue_name").map(str::to_owned)));
        }
        Ok(names)
    }
}

fn stored(bindings: &str) -> Result<Vec<Binding>, StoreError> {
    serde_json::from_str(bindings).map_err(|_| StoreError::Unreadable("bindings"))
}
