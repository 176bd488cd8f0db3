//! Airtable (`api.airtable.com`): records of tables, upserts, the schema of a base.
//!
//! Facts: airtable.com/developers/web/api, support.airtable.com (call limits) and airtable.js. Tables exist as soon
//! as a call names them and learn their fields' types from what is written; a later value of another type is refused
//! unless `typecast` makes it fit. Airtable documents no `Retry-After`: after the sixth call within a second every
//! call to the base is refused for 30 seconds.

mod error;
mod fields;
mod formula;
mod table;

use crate::call::Call;
use crate::pace::Pace;
use crate::random_id::has_shape;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, json_response};
use error::Refusal;
pub(crate) use fields::mapped as mapped_fields;
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use table::Table;
use time::{Duration, OffsetDateTime};

/// How long a base refuses calls once they came too fast.
const PENALTY: Duration = Duration::seconds(30);
/// Most records in one call that writes.
const MOST_RECORDS: usize = 10;

/// One tenant's simulated Airtable.
pub struct Airtable {
    token: ExpectedToken,
    per_base: Pace,
    per_token: Pace,
    refused_until: HashMap<String, OffsetDateTime>,
    /// By base and table, as they were named.
    tables: BTreeMap<(String, String), Table>,
}

impl Default for Airtable {
    fn default() -> Self {
        Self {
            token: ExpectedToken::default(),
            per_base: Pace::new(5, Duration::seconds(1)),
            per_token: Pace::new(50, Duration::seconds(1)),
            refused_until: HashMap::new(),
            tables: BTreeMap::new(),
        }
    }
}

impl Upstream for Airtable {
    fn hosts(&self) -> Vec<&str> {
        vec!["api.airtable.com"]
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return Refusal::not_found().response();
        };
        match self.route(&call) {
            Ok(body) => json_response(200, &body),
            Err(refusal) => refusal.response(),
        }
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        Refusal::for_status(status).response()
    }

    fn kept(&self) -> Vec<Kept> {
        self.tables
            .iter()
            .flat_map(|((base, table), content)| content.kept(&format!("record of {base}/{table}")))
            .collect()
    }

    fn recognises(&self, token: &Secret) -> bool {
        token.expose().starts_with("pat") && token.expose().contains('.')
    }

    fn lift_rate_limits(&mut self) {
        self.per_base.lift();
        self.per_token.lift();
        self.refused_until.clear();
    }
}

impl Airtable {
    fn route(&mut self, call: &Call<'_>) -> Result<Value, Refusal> {
        let segments = call.segments();
        let Some((_, route)) = segments.split_first().filter(|(version, _)| *version == "v0") else {
            return Err(Refusal::not_found());
        };
        let token = call.bearer().filter(|token| self.token.admits(token)).ok_or_else(Refusal::unauthorized)?;
        let route: Vec<&str> = route.iter().map(String::as_str).collect();
        match (call.method(), route.as_slice()) {
            ("GET", ["meta", "whoami"]) => Ok(json!({ "id": "usrSimulatedUser0" })),
            ("GET", ["meta", "bases", base, "tables"]) => {
                self.pace(base, token, call.now)?;
                Ok(self.schema(base))
            }
            (method, ["meta", ..]) => Err(Refusal::not_simulated(method, call.url.path())),
            (method, [base, table, rest @ ..]) => {
                if !has_shape(base, "app", 14) {
                    return Err(Refusal::not_found());
                }
                self.pace(base, token, call.now)?;
                let table = self.tables.entry(((*base).to_owned(), (*table).to_owned())).or_default();
                records(table, call, method, rest)
            }
            _ => Err(Refusal::not_found()),
        }
    }

    fn pace(&mut self, base: &str, token: &str, now: OffsetDateTime) -> Result<(), Refusal> {
        if self.refused_until.get(base).is_some_and(|until| now < *until) {
            return Err(Refusal::rate_limited());
        }
        if self.per_base.take(base, now).is_err() || self.per_token.take(token, now).is_err() {
            self.refused_until.insert(base.to_owned(), now + PENALTY);
            return Err(Refusal::rate_limited());
        }
        Ok(())
    }

    fn schema(&self, base: &str) -> Value {
        let tables = self.tables.iter().filter(|((of, _), _)| of == base);
        let tables: Vec<Value> = tables.map(|((_, name), table)| table.schema(name)).collect();
        json!({ "tables": tables })
    }
}

fn records(table: &mut Table, call: &Call<'_>, method: &str, rest: &[&str]) -> Result<Value, Refusal> {
    match (method, rest) {
        ("GET", []) => table.list(&table::Selection::from_query(call)?),
        ("POST", ["listRecords"]) => table.list(&table::Selection::from_body(&body(call)?)?),
        ("POST", []) => {
            let body = body(call)?;
            let typecast = flag(&body, "typecast")?;
            if body.get("records").is_none() {
                return table.create(call.now, vec![fields_of(&body)?], typecast).map(|mut made| made.remove(0));
            }
            let given = several(&body)?.iter().map(fields_of).collect::<Result<_, _>>()?;
            Ok(json!({ "records": table.create(call.now, given, typecast)? }))
        }
        ("PATCH" | "PUT", []) => write_several(table, call, method == "PUT"),
        ("DELETE", []) => {
            let ids = call.query_all("records[]");
            if ids.is_empty() || ids.len() > MOST_RECORDS {
                return Err(Refusal::parameters());
            }
            Ok(json!({ "records": table.delete(&ids)? }))
        }
        ("GET", [id]) => table.get(id),
        ("PATCH" | "PUT", [id]) => {
            let body = body(call)?;
            table.update(id, fields_of(&body)?, flag(&body, "typecast")?, method == "PUT")
        }
        ("DELETE", [id]) => Ok(table.delete(&[(*id).to_owned()])?.remove(0)),
        _ => Err(Refusal::not_found()),
    }
}

fn write_several(table: &mut Table, call: &Call<'_>, replace: bool) -> Result<Value, Refusal> {
    let body = body(call)?;
    let typecast = flag(&body, "typecast")?;
    let given = several(&body)?;
    let merge_on = match body.get("performUpsert").filter(|given| !given.is_null()) {
        None => None,
        Some(upsert) => {
            let names = upsert.get("fieldsToMergeOn").and_then(Value::as_array).ok_or_else(Refusal::parameters)?;
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            if names.is_empty() || names.len() > 3 {
                return Err(Refusal::parameters());
            }
            Some(names)
        }
    };
    let mut changes = Vec::new();
    for record in given {
        let id = record.get("id").and_then(Value::as_str);
        if id.is_none() && merge_on.is_none() {
            return Err(Refusal::parameters());
        }
        changes.push((id.map(str::to_owned), fields_of(record)?));
    }
    table.write(call.now, changes, merge_on.as_deref(), typecast, replace)
}

fn body(call: &Call<'_>) -> Result<Value, Refusal> {
    if call.content_type() != "application/json" {
        return Err(Refusal::parameters());
    }
    let body = call.json().map_err(|_| Refusal::unreadable())?;
    if body.is_object() { Ok(body) } else { Err(Refusal::parameters()) }
}

fn several(body: &Value) -> Result<&Vec<Value>, Refusal> {
    let records = body.get("records").and_then(Value::as_array).ok_or_else(Refusal::parameters)?;
    if records.is_empty() || records.len() > MOST_RECORDS {
        return Err(Refusal::parameters());
    }
    Ok(records)
}

fn fields_of(record: &Value) -> Result<fields::Fields, Refusal> {
    record.get("fields").and_then(Value::as_object).cloned().ok_or_else(Refusal::missing_fields)
}

fn flag(body: &Value, name: &str) -> Result<bool, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(given)) => Ok(*given),
        Some(_) => Err(Refusal::parameters()),
    }
}
