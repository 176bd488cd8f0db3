//! An `OpenAPI` 3 document: its servers, and the operation that a call is for.

use super::description::DescriptionError;
use super::schema::Schemas;
use crate::call::Call;
use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

/// A described API.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    root: Value,
    /// Host and path before every path of the document.
    servers: Vec<(String, String)>,
}

/// A call that is refused.
#[derive(Debug)]
pub(super) struct Problem {
    pub status: u16,
    pub detail: String,
    /// Methods that the path has, for 405.
    pub allow: Option<String>,
}

impl Problem {
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), allow: None }
    }

    pub fn title(&self) -> &'static str {
        match self.status {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            415 => "Unsupported Media Type",
            422 => "Unprocessable Content",
            429 => "Too Many Requests",
            503 => "Service Unavailable",
            500.. => "Internal Server Error",
            _ => "The request was refused",
        }
    }
}

/// A path's variables and their values.
type Variables = Vec<(String, String)>;

/// Key in `responses`, and its number unless it stands for several.
pub(super) struct Status {
    pub key: String,
    pub number: Option<u16>,
}

/// YAML 1.2, in which `no` and `on` are texts. The error is in words, with the place.
fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Document {
    /// Reads a document from its text.
    pub fn parse(name: &str, text: &str) -> Result<Self, DescriptionError> {
        let name = name.to_owned();
        let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
        let root: Value = if is_yaml {
            match yaml(text) {
                Ok(root) => root,
                Err(reason) => return Err(DescriptionError::NotYaml { name, reason }),
            }
        } else {
            match serde_json::from_str(text) {
                Ok(root) => root,
                Err(source) => return Err(DescriptionError::NotJson { name, source }),
            }
        };
        let third = root.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3."));
        if !third || !root.get("paths").is_some_and(Value::is_object) {
            return Err(DescriptionError::NotOpenApi { name });
        }
        let mut broken = None;
        visit(&root, &mut |fields| {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let known = reference.strip_prefix('#').is_some_and(|pointer| root.pointer(pointer).is_some());
                if !known && broken.is_none() {
                    broken = Some(reference.to_owned());
                }
            }
        });
        if let Some(reference) = broken {
            return Err(DescriptionError::Reference { name, reference });
        }
        let servers: Vec<(String, String)> =
            root["servers"].as_array().into_iter().flatten().filter_map(server).collect();
        if servers.is_empty() {
            return Err(DescriptionError::NoHost { name });
        }
        Ok(Self { name, root, servers })
    }

    /// The name that it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hosts that it describes.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().map(|(host, _)| host.as_str())
    }

    /// Patterns that are no regular expressions of the kind that is checked here (look-around, back references), so
    /// that texts are not checked against them.
    pub fn unchecked_patterns(&self) -> Vec<String> {
        let mut unchecked = Vec::new();
        visit(&self.root, &mut |fields| {
            if let Some(pattern) = fields.get("pattern").and_then(Value::as_str)
                && Regex::new(pattern).is_err()
                && !unchecked.iter().any(|known| known == pattern)
            {
                unchecked.push(pattern.to_owned());
            }
        });
        unchecked
    }

    /// The operation of a call's method and path.
    pub(super) fn operation(&self, call: &Call<'_>) -> Result<Operation<'_>, Problem> {
        let segments = call.segments();
        let mut found: Option<(&Value, Variables)> = None;
        for (_, base) in self.servers.iter().filter(|(host, _)| host == call.host()) {
            let base: Vec<&str> = base.split('/').filter(|segment| !segment.is_empty()).collect();
            let Some(rest) = segments.get(base.len()..).filter(|_| segments.iter().zip(&base).all(|(a, b)| a == b))
            else {
                continue;
            };
            for (template, item) in self.root["paths"].as_object().into_iter().flatten() {
                if let Some(variables) = fits(template, rest) {
                    // Of two templates that fit, the one with fewer variables is meant.
                    if found.as_ref().is_none_or(|(_, known)| variables.len() < known.len()) {
                        found = Some((item, variables));
                    }
                }
            }
        }
        let Some((item, variables)) = found else {
            return Err(Problem::new(404, format!("The document has no path for {}", call.url.path())));
        };
        let schemas = Schemas { root: &self.root };
        let item = schemas.resolved(item);
        let Some(operation) = item.get(call.method().to_ascii_lowercase()) else {
            let has = |method: &&&str| item.get(**method).is_some();
            let allow: Vec<String> = METHODS.iter().filter(has).map(|method| method.to_uppercase()).collect();
            let detail = format!("The path has no {}", call.method());
            return Err(Problem { allow: Some(allow.join(", ")), ..Problem::new(405, detail) });
        };
        Ok(Operation { schemas, item, described: operation, variables })
    }
}

fn visit(value: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            see(fields);
            fields.values().for_each(|value| visit(value, see));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

fn server(server: &Value) -> Option<(String, String)> {
    let mut url = server["url"].as_str()?.to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
    }
    let url = Url::parse(&url).ok()?;
    Some((url.host_str()?.to_ascii_lowercase(), url.path().to_owned()))
}

/// The variables of a path template, if the segments fit it.
fn fits(template: &str, segments: &[String]) -> Option<Variables> {
    let wanted: Vec<&str> = template.split('/').filter(|segment| !segment.is_empty()).collect();
    let given: Vec<&String> = segments.iter().filter(|segment| !segment.is_empty()).collect();
    if wanted.len() != given.len() {
        return None;
    }
    let mut variables = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
            Some((before, (name, after))) => {
                let value = given.strip_prefix(before)?.strip_suffix(after)?;
                variables.push((name.to_owned(), value.to_owned()));
            }
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(variables)
}

/// One operation of a document, for one call.
pub(super) struct Operation<'a> {
    schemas: Schemas<'a>,
    item: &'a Value,
    described: &'a Value,
    variables: Variables,
}

impl Operation<'_> {
    /// Checks who calls, the parameters and the body; answers the body as JSON, null without one.
    pub fn check(&self, call: &Call<'_>, admits: impl Fn(&str) -> bool) -> Result<Value, Problem> {
        self.check_security(call, &admits)?;
        self.check_parameters(call)?;
        self.check_body(call)
    }

    fn check_security(&self, call: &Call<'_>, admits: &impl Fn(&str) -> bool) -> Result<(), Problem> {
        let Some(alternatives) = self.described.get("security").or_else(|| self.schemas.root.get("security")) else {
            return Ok(());
        };
        let alternatives = alternatives.as_array().map_or(&[][..], Vec::as_slice);
        let satisfied = |alternative: &Value| {
            alternative
                .as_object()
                .is_some_and(|schemes| schemes.keys().all(|scheme| self.has_token(call, scheme, admits)))
        };
        if alternatives.is_empty() || alternatives.iter().any(satisfied) {
            return Ok(());
        }
        let names: Vec<&str> =
            alternatives.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect();
        Err(Problem::new(401, format!("The call does not carry what `{}` asks for", names.join("` or `"))))
    }

    fn has_token(&self, call: &Call<'_>, scheme: &str, admits: &impl Fn(&str) -> bool) -> bool {
        let scheme = self.schemas.resolved(&self.schemas.root["components"]["securitySchemes"][scheme]);
        let name = scheme["name"].as_str().unwrap_or_default();
        let token = match (scheme["type"].as_str(), scheme["scheme"].as_str(), scheme["in"].as_str()) {
            (Some("http"), Some(kind), _) if kind.eq_ignore_ascii_case("basic") => {
                call.basic().map(|(_, password)| password)
            }
            (Some("http"), Some(kind), _) => call.authorization(kind).map(str::to_owned),
            (Some("oauth2" | "openIdConnect"), ..) => call.bearer().map(str::to_owned),
            (Some("apiKey"), _, Some("header")) => call.header(name).map(str::to_owned),
            (Some("apiKey"), _, Some("query")) => call.query(name),
            (Some("apiKey"), _, Some("cookie")) => cookie(call, name),
            // Who a client certificate belongs to cannot be seen here.
            (Some("mutualTLS"), ..) => return true,
            _ => None,
        };
        token.is_some_and(|token| admits(&token))
    }

    fn parameters(&self) -> impl Iterator<Item = &Value> {
        let own = self.described["parameters"].as_array().into_iter().flatten();
        let shared = self.item["parameters"].as_array().into_iter().flatten();
        own.chain(shared).map(|parameter| self.schemas.resolved(parameter))
    }

    /// The call's `Idempotency-Key`, where the operation is described with one.
    pub fn idempotency_key<'b>(&self, call: &'b Call<'_>) -> Option<&'b str> {
        let is_key = |parameter: &Value| {
            let name = parameter["name"].as_str().unwrap_or_default();
            parameter["in"] == "header" && name.eq_ignore_ascii_case("Idempotency-Key")
        };
        self.parameters().any(is_key).then(|| call.header("Idempotency-Key")).flatten()
    }

    fn check_parameters(&self, call: &Call<'_>) -> Result<(), Problem> {
        for parameter in self.parameters() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let place = parameter["in"].as_str().unwrap_or_default();
            let given = match place {
                "path" => self.variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.clone()),
                "query" => call.query(name),
                "header" => call.header(name).map(str::to_owned),
                "cookie" => cookie(call, name),
                _ => None,
            };
            match given {
                None if parameter["required"] == true => {
                    return Err(Problem::new(400, format!("The {place} parameter `{name}` is missing")));
                }
                None => {}
                Some(text) => {
                    let Some(schema) = parameter.get("schema") else { continue };
                    let value = self.schemas.read_as(schema, &text);
                    if let Some(complaint) = self.schemas.complaint(name, &value, schema) {
                        return Err(Problem::new(400, format!("The {place} parameter {complaint}")));
                    }
                }
            }
        }
        Ok(())
    }

    fn check_body(&self, call: &Call<'_>) -> Result<Value, Problem> {
        let Some(described) = self.described.get("requestBody").map(|body| self.schemas.resolved(body)) else {
            return Ok(Value::Null);
        };
        if call.request.body.is_empty() {
            let required = described["required"] == true;
            return if required { Err(Problem::new(400, "The body is missing")) } else { Ok(Value::Null) };
        }
        let given = call.content_type();
        let content = described["content"].as_object();
        let fits = |known: &str| {
            let known = known.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            known == given || known == "*/*" || known.strip_suffix("/*").is_some_and(|kind| given.starts_with(kind))
        };
        let media = content.into_iter().flatten().find(|(known, _)| fits(known));
        let Some((_, media)) = media else {
            return Err(Problem::new(415, format!("The content type `{given}` is not described")));
        };
        let schema = media.get("schema");
        let body = if given.ends_with("json") {
            call.json().map_err(|_| Problem::new(400, "The body is not JSON"))?
        } else if given == "application/x-www-form-urlencoded" {
            let schema = schema.map(|schema| self.schemas.resolved(schema));
            let typed = |name: &str, text: &str| match schema.and_then(|schema| schema["properties"].get(name)) {
                Some(property) => self.schemas.read_as(property, text),
                None => text.into(),
            };
            call.form()
                .into_iter()
                .map(|(name, text)| {
                    let value = typed(&name, &text);
                    (name, value)
                })
                .collect::<Map<_, _>>()
                .into()
        } else {
            return Ok(Value::Null);
        };
        match schema.and_then(|schema| self.schemas.complaint("body", &body, schema)) {
            None => Ok(body),
            Some(complaint) => {
                // The document tells which of the two it uses for a body that does not fit.
                let status = if self.described["responses"].get("422").is_some() { 422 } else { 400 };
                Err(Problem::new(status, complaint))
            }
        }
    }

    /// The answer of a call that succeeds: the lowest 2xx.
    pub fn success(&self) -> Status {
        let keys = self.described["responses"].as_object().into_iter().flat_map(Map::keys);
        let mut good: Vec<&String> = keys.filter(|key| key.starts_with('2')).collect();
        good.sort();
        let key = good.first().map_or_else(|| "default".to_owned(), |key| (*key).clone());
        Status { number: key.parse().ok(), key }
    }

    /// The example of an answer and whether it is JSON; `None` without content.
    pub fn example(&self, status: &str) -> Option<(Value, bool)> {
        let response = self.schemas.resolved(self.described["responses"].get(status)?);
        let content = response["content"].as_object()?;
        let json =
            content.iter().find(|(kind, _)| kind.split(';').next().is_some_and(|kind| kind.trim().ends_with("json")));
        let is_json = json.is_some();
        let (_, media) = json.or_else(|| content.iter().next())?;
        Some((self.schemas.example(media), is_json))
    }

    /// The document's own answer for a problem, with the complaint where a text of it goes.
    pub fn refusal(&self, refused: &Problem) -> Option<(u16, Value)> {
        let keys = [refused.status.to_string(), format!("{}XX", refused.status / 100), "default".to_owned()];
        let (mut body, _) = keys.iter().find_map(|key| self.example(key)).filter(|(_, json)| *json)?;
        for place in
            ["/message", "/detail", "/error/message", "/error_description", "/errors/0/message", "/errors/0/detail"]
        {
            if let Some(text) = body.pointer_mut(place).filter(|held| held.is_string()) {
                *text = refused.detail.as_str().into();
                break;
            }
        }
        if let Some(number) = body.get_mut("status").filter(|held| held.is_number()) {
            *number = refused.status.into();
        }
        Some((refused.status, body))
    }
}

fn cookie(call: &Call<'_>, name: &str) -> Option<String> {
    let cookies = call.header("cookie")?.split(';');
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
