//! The sender of a template's webhooks: signs any bytes as its provider does, and puts them on the wire as it likes.

use crate::machine::Machine;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_webhooks::{Credentials, Moment, Provider, ProviderSettings, Reaction, prepare_as};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use time::OffsetDateTime;

/// The program takes no larger samples.
const LARGEST_SAMPLE: usize = 8 * 1024 * 1024;

/// The sender of one template, on a running platform.
pub struct Sender<'a> {
    pub machine: &'a Machine,
    /// `TENANT/ADAPTER`
    pub adapter: String,
    pub dispatcher: String,
    pub provider: &'static dyn Provider,
    pub sample: Sample,
    pub secret: String,
    pub settings: ProviderSettings,
}

impl Sender<'_> {
    /// The usual event, new each time, signed now.
    pub fn event(&self) -> HttpRequest {
        self.event_at(OffsetDateTime::now_utc())
    }

    /// The same, signed at another moment.
    pub fn event_at(&self, now: OffsetDateTime) -> HttpRequest {
        if self.signs_with_own_keys() {
            return self.signed_by_the_program(&self.sample);
        }
        let secret = Secret::new(self.secret.as_str());
        let credentials = Credentials::of_secret(Some(&secret)).with_settings(&self.settings);
        prepare_as(&self.sample, &self.dispatcher, &credentials, &Moment { now, uuid: new_uuid() })
            .expect("the sample can be sent")
            .request
    }

    /// A new event whose body is another one, signed as it is. `None`: only the program holds this sender's keys, and it
    /// signs texts alone.
    pub fn event_with(&self, change: impl FnOnce(&str) -> Vec<u8>, headers: &[(&str, &str)]) -> Option<HttpRequest> {
        let mut request = self.event();
        let text = String::from_utf8(request.body.to_vec()).expect("a sample is text");
        let body = change(&text);
        if self.signs_with_own_keys() {
            let mut sample = self.sample.clone();
            let fits = |text: &String| text.len() < LARGEST_SAMPLE && !text.contains("{{");
            sample.body_text = Some(String::from_utf8(body).ok().filter(fits)?);
            request = self.signed_by_the_program(&sample);
        } else {
            request.body = body.into();
            self.sign(&mut request, &self.secret, OffsetDateTime::now_utc());
        }
        for (name, value) in headers {
            request.headers.set(name, *value);
        }
        Some(request)
    }

    /// Signs the request again, with this secret, at this moment.
    pub fn sign(&self, request: &mut HttpRequest, secret: &str, now: OffsetDateTime) {
        let secret = Secret::new(secret);
        let credentials = Credentials::of_secret(Some(&secret)).with_settings(&self.settings);
        for name in self.signature_headers() {
            request.headers.remove(&name);
        }
        let signed = self.provider.sign(request, &credentials, now, &new_uuid()).expect("it can be signed");
        // Only those that the provider sends with this event.
        for (name, value) in signed.headers {
            if self.sample.header_list().get(&name).is_some() {
                request.headers.set(&name, value);
            }
        }
    }

    /// Headers of the sample that hold a signature.
    pub fn signature_headers(&self) -> Vec<String> {
        let holds = |value: &str| value.contains("{{signature") || value.contains("{{sha1");
        let names = self.sample.header_list();
        let found: Vec<String> =
            names.iter().filter(|(_, value)| holds(value)).map(|(name, _)| name.to_owned()).collect();
        assert!(!found.is_empty(), "{}: the sample's headers hold a signature", self.adapter);
        found
    }

    pub fn signs_with_own_keys(&self) -> bool {
        self.provider.id() == "paypal"
    }

    /// What the sender makes of an answer.
    pub fn reaction(&self, request: &HttpRequest, answer: &Answer) -> Reaction {
        let headers = HttpMessageHeaders(answer.headers.clone());
        let response = HttpResponse { status: answer.status, headers, body: answer.body.clone().into() };
        self.provider.reaction(request, &response)
    }

    fn signed_by_the_program(&self, sample: &Sample) -> HttpRequest {
        let folder = self.machine.workspace().join(format!("tenants/{}", self.adapter.replacen('/', "/adapters/", 1)));
        let name = format!("hostile-{}", new_uuid());
        let file = folder.join("samples").join(format!("{name}.json"));
        std::fs::write(&file, serde_json::to_vec(sample).expect("JSON")).expect("the workspace is writable");
        let signed = self.machine.json(&["sample", "sign", &self.adapter, &name, "--url", &self.dispatcher]);
        std::fs::remove_file(&file).expect("the workspace is writable");
        let request = &signed["request"];
        let headers: Vec<(String, String)> = serde_json::from_value(request["headers"].clone()).expect("headers");
        HttpRequest {
            method: "POST".into(),
            url: request["url"].as_str().expect("a URL").to_owned(),
            headers: HttpMessageHeaders(headers),
            body: STANDARD.decode(request["body_base64"].as_str().expect("base64")).expect("base64").into(),
        }
    }

    /// Sends it and reads the answer; `None` if the connection ended without one.
    pub fn send(&self, request: &HttpRequest) -> Option<Answer> {
        let body = &request.body;
        let length = format!("Content-Length: {}\r\n", body.len());
        self.send_raw(request, &length, |stream| stream.write_all(body))
    }

    /// The same with a body that is written by hand; `framing` are the header lines about it.
    pub fn send_raw(
        &self,
        request: &HttpRequest,
        framing: &str,
        write: impl FnOnce(&mut TcpStream) -> std::io::Result<()>,
    ) -> Option<Answer> {
        let (tenant, adapter) = self.adapter.split_once('/').expect("a tenant and an adapter");
        let rest = request.url.strip_prefix("http://").expect("a plain URL");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut stream = TcpStream::connect(authority).expect("the dispatcher listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a timeout can be set");
        let lines: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{} /{path} HTTP/1.1\r\nHost: {authority}\r\nX-Customer-Id: {tenant}\r\nX-Script-Id: {adapter}\r\n{lines}{framing}Connection: close\r\n\r\n",
            request.method
        );
        // Whoever refuses a body may close before it has come to its end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| write(&mut stream));
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let headers = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Some(Self { status, headers, body: bytes[end + 4..].to_vec() })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What the adapter passes on of an upstream that asks for patience.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?.1.parse().ok()
    }

    /// Whether an error says in the adapter's or the platform's words what it is.
    pub fn names_its_error(&self) -> bool {
        let text = self.text();
        text.contains("\"error\"") && text.contains("\"message\"")
    }
}

/// Of the form of a random one. Ids of some samples are made of its first ten digits.
fn new_uuid() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{:08x}-7d00-4000-8000-5f0e3c1a0000", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Calls and kept things of a tenant's upstreams, by upstream.
pub fn upstreams(machine: &Machine, tenant: &str) -> BTreeMap<String, (u64, u64)> {
    let list = machine.json(&["upstream", "list", tenant]);
    let all = list["upstreams"].as_array().expect("a list").iter();
    let count = |value: &Value| value.as_u64().expect("a number");
    all.map(|one| (one["id"].as_str().expect("an id").to_owned(), (count(&one["calls"]), count(&one["kept"]))))
        .collect()
}
