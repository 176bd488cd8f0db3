//! A curl command.

use super::capture::{Capture, Pasted};
use super::error::SampleTextError;
use super::shell_words::{Word, problem, split};
use crate::header_name::is_header_name;
use patchbay_core::{HttpMessageHeaders, Position};

/// Options without a value that change nothing in what is sent to the receiver.
const FLAGS: [&str; 24] = [
    "--basic",
    "--compressed",
    "--fail",
    "--fail-with-body",
    "--globoff",
    "--http1.0",
    "--http1.1",
    "--http2",
    "--include",
    "--insecure",
    "--ipv4",
    "--ipv6",
    "--location",
    "--no-buffer",
    "--no-progress-meter",
    "--path-as-is",
    "--progress-bar",
    "--show-error",
    "--silent",
    "--tcp-nodelay",
    "--tlsv1.2",
    "--tlsv1.3",
    "--trace-time",
    "--verbose",
];
const SHORT_FLAGS: &str = "sSkLvifgN#046123";
/// Options whose value changes nothing in what is sent to the receiver.
const VALUED: [&str; 22] = [
    "--cacert",
    "--capath",
    "--ciphers",
    "--connect-timeout",
    "--connect-to",
    "--dump-header",
    "--interface",
    "--keepalive-time",
    "--limit-rate",
    "--max-redirs",
    "--max-time",
    "--noproxy",
    "--output",
    "--proxy",
    "--resolve",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--stderr",
    "--trace",
    "--trace-ascii",
    "--write-out",
];
const SHORT_VALUED: [(char, &str); 15] = [
    ('X', "--request"),
    ('H', "--header"),
    ('d', "--data"),
    ('A', "--user-agent"),
    ('e', "--referer"),
    ('b', "--cookie"),
    ('u', "--user"),
    ('F', "--form"),
    ('T', "--upload-file"),
    ('o', "--output"),
    ('m', "--max-time"),
    ('w', "--write-out"),
    ('x', "--proxy"),
    ('E', "--cert"),
    ('K', "--config"),
];

/// The sample that a curl command would send.
pub fn parse(text: &str) -> Result<Pasted, SampleTextError> {
    let mut words = split(text)?.into_iter().skip_while(|word| word.text == "$").peekable();
    let name = words.next().ok_or(SampleTextError::Empty)?;
    if name.text != "curl" && name.text != "curl.exe" {
        return Err(problem(name.position, format!("`{}` is not curl", name.text)));
    }
    let mut command = Command::default();
    while let Some(word) = words.next() {
        let value = |words: &mut dyn Iterator<Item = Word>, option: &str| {
            let missing = || problem(word.position, format!("`{option}` needs a value"));
            words.next().map(|word| word.text).ok_or_else(missing)
        };
        if word.text.starts_with("--") && word.text.len() > 2 {
            if command.flag(&word.text) {
                continue;
            }
            let text = value(&mut words, &word.text)?;
            command.option(&word.text, text, word.position)?;
        } else if word.text.starts_with('-') && word.text.len() > 1 {
            let mut letters = word.text[1..].chars();
            while let Some(letter) = letters.next() {
                if command.short_flag(letter) {
                    continue;
                }
                let Some((_, option)) = SHORT_VALUED.iter().find(|(short, _)| *short == letter) else {
                    return Err(problem(word.position, format!("the option `-{letter}` is not known")));
                };
                let rest = letters.as_str().to_owned();
                let text = if rest.is_empty() { value(&mut words, &format!("-{letter}"))? } else { rest };
                command.option(option, text, word.position)?;
                break;
            }
        } else {
            command.url(word.text, word.position)?;
        }
    }
    command.capture(name.position)?.into_sample()
}

#[derive(Default)]
struct Command {
    url: Option<String>,
    method: Option<String>,
    headers: HttpMessageHeaders,
    data: Option<String>,
    is_json: bool,
    data_in_url: bool,
    head: bool,
    left_out: Vec<String>,
}

impl Command {
    fn flag(&mut self, option: &str) -> bool {
        match option {
            "--get" => self.data_in_url = true,
            "--head" => self.head = true,
            _ => return FLAGS.contains(&option),
        }
        true
    }

    fn short_flag(&mut self, letter: char) -> bool {
        match letter {
            'G' => self.data_in_url = true,
            'I' => self.head = true,
            _ => return SHORT_FLAGS.contains(letter),
        }
        true
    }

    fn url(&mut self, url: String, position: Position) -> Result<(), SampleTextError> {
        if self.url.is_some() {
            return Err(problem(position, format!("`{url}` is a second URL; a sample is one request")));
        }
        self.url = Some(url);
        Ok(())
    }

    fn option(&mut self, option: &str, value: String, position: Position) -> Result<(), SampleTextError> {
        let not_from_file = |value: &str| match value.strip_prefix('@') {
            Some(file) => Err(problem(position, format!("the data stands in the file `{file}`, which is not read"))),
            None => Ok(()),
        };
        match option {
            "--url" => self.url(value, position)?,
            "--request" => self.method = Some(value),
            "--header" => self.header(&value, position)?,
            "--user-agent" => self.headers.set("User-Agent", value),
            "--referer" => self.headers.set("Referer", value),
            "--data" | "--data-ascii" | "--data-binary" => {
                not_from_file(&value)?;
                self.add_data(&value, "&");
            }
            "--data-raw" => self.add_data(&value, "&"),
            "--data-urlencode" => self.add_encoded(&value, position)?,
            "--json" => {
                not_from_file(&value)?;
                self.is_json = true;
                self.add_data(&value, "");
            }
            "--user" | "--oauth2-bearer" | "--cookie" => self.left_out.push(option.to_owned()),
            "--cert" | "--key" | "--proxy-user" => {}
            "--form" | "--form-string" => {
                return Err(problem(position, "multipart forms are not read; paste the raw HTTP request instead"));
            }
            "--upload-file" | "--config" => {
                return Err(problem(position, format!("`{option}` names the file `{value}`, which is not read")));
            }
            _ if VALUED.contains(&option) => {}
            _ => return Err(problem(position, format!("the option `{option}` is not known"))),
        }
        Ok(())
    }

    fn header(&mut self, line: &str, position: Position) -> Result<(), SampleTextError> {
        if let Some(name) = line.strip_suffix(';').filter(|name| !name.contains(':')) {
            self.headers.append(name, "");
        } else if let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_header_name(name.trim())) {
            // curl takes `Name:` as "do not send this header".
            if value.trim().is_empty() {
                self.headers.remove(name);
            } else {
                self.headers.append(name.trim(), value.trim());
            }
        } else {
            return Err(problem(position, format!("`{line}` is not a header such as `Name: value`")));
        }
        Ok(())
    }

    fn add_data(&mut self, value: &str, separator: &str) {
        match &mut self.data {
            None => self.data = Some(value.to_owned()),
            Some(data) => {
                data.push_str(separator);
                data.push_str(value);
            }
        }
    }

    /// `content`, `=content` or `name=content`.
    fn add_encoded(&mut self, value: &str, position: Position) -> Result<(), SampleTextError> {
        let (name, content) = value.split_once('=').unwrap_or(("", value));
        if name.is_empty() && !value.starts_with('=') && value.contains('@') || name.contains('@') {
            return Err(problem(position, format!("`{value}` names a file, which is not read")));
        }
        let encoded: String = url::form_urlencoded::byte_serialize(content.as_bytes()).collect();
        // curl writes a space as `%20`, unlike a browser's form.
        let encoded = encoded.replace('+', "%20");
        self.add_data(&if name.is_empty() { encoded } else { format!("{name}={encoded}") }, "&");
        Ok(())
    }

    fn capture(mut self, at: Position) -> Result<Capture, SampleTextError> {
        let mut url = self.url.ok_or_else(|| problem(at, "the command has no URL"))?;
        if !url.contains("://") {
            url = format!("http://{url}");
        }
        let data = self.data.unwrap_or_default();
        let has_data = !data.is_empty() && !self.data_in_url;
        if self.data_in_url && !data.is_empty() {
            url = format!("{url}{}{data}", if url.contains('?') { '&' } else { '?' });
        }
        if self.headers.get("content-type").is_none() && (has_data || self.is_json) {
            let kind = if self.is_json { "application/json" } else { "application/x-www-form-urlencoded" };
            self.headers.append("Content-Type", kind);
        }
        let method = self.method.unwrap_or_else(|| {
            let method = if self.head {
                "HEAD"
            } else if has_data {
                "POST"
            } else {
                "GET"
            };
            method.to_owned()
        });
        let body = if has_data { data.into_bytes() } else { Vec::new() };
        Ok(Capture { method, url, headers: self.headers, body, left_out: self.left_out })
    }
}
