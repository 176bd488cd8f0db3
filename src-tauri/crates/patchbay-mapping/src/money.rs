//! Minor units as decimal text, moving the point in the text: a floating-point division would not give every amount back.

use crate::error::Unfit;
use crate::number;
use crate::step::Decimals;
use crate::text::trim;
use serde_json::Value;

const NO_DECIMALS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// `1999` with two decimals is `19.99`.
pub(crate) fn decimal_text(value: &Value, decimals: usize) -> Result<String, Unfit> {
    let written = match value {
        Value::Number(number) => number::safe_integer(number),
        Value::String(text) => Some(trim(text).to_owned()),
        _ => None,
    };
    let written = written.ok_or(Unfit::NotMinorUnits)?;
    let (sign, digits) = written.strip_prefix('-').map_or(("", written.as_str()), |digits| ("-", digits));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unfit::NotMinorUnits);
    }
    let digits = digits.trim_start_matches('0');
    let sign = if digits.is_empty() { "" } else { sign };
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, part) = padded.split_at(padded.len() - decimals);
    Ok(if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// The decimals that a step asks for in this document.
pub(crate) fn decimals(asked: &Decimals, document: &Value) -> Result<usize, Unfit> {
    match asked {
        Decimals::Number(decimals) => Ok(*decimals),
        Decimals::Currency(currency) => Ok(of_currency(currency)),
        Decimals::Path(path) => match path.read(document)? {
            Some(Value::String(currency)) if is_currency(&currency) => Ok(of_currency(&currency)),
            _ => Err(Unfit::NoCurrency(path.source.clone())),
        },
    }
}

/// Three letters.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Decimals that payment providers count a currency in.
fn of_currency(currency: &str) -> usize {
    let currency = currency.to_ascii_uppercase();
    if NO_DECIMALS.contains(&currency.as_str()) {
        0
    } else if THREE_DECIMALS.contains(&currency.as_str()) {
        3
    } else {
        2
    }
}
