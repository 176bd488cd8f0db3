//! Dates in the forms that senders write them, read and written as MAPPING.md says.

use crate::error::Unfit;
use serde_json::Value;
use std::fmt::Write as _;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `2026-11-21T16:05:00.000Z`.
    Full,
    /// `2026-11-21`.
    Day,
    /// `2026-11-21 16:05 UTC`.
    Minute,
    /// Whole Unix seconds, as a number.
    Seconds,
}

/// Unix milliseconds from which on a whole number counts milliseconds and not seconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// The years 0000 to 9999, in Unix milliseconds.
const YEARS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Reads a date and writes it in a form.
pub(crate) fn rewritten(text: &str, form: DateForm) -> Result<Value, Unfit> {
    let milliseconds = milliseconds(text).filter(|milliseconds| YEARS.contains(milliseconds)).ok_or(Unfit::NotADate)?;
    if form == DateForm::Seconds {
        return Ok(milliseconds.div_euclid(1000).into());
    }
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000);
    let moment = moment.map_err(|_| Unfit::NotADate)?;
    let mut written = format!("{:04}-{:02}-{:02}", moment.year(), u8::from(moment.month()), moment.day());
    let _ = match form {
        DateForm::Full => write!(
            written,
            "T{:02}:{:02}:{:02}.{:03}Z",
            moment.hour(),
            moment.minute(),
            moment.second(),
            moment.millisecond()
        ),
        DateForm::Minute => write!(written, " {:02}:{:02} UTC", moment.hour(), moment.minute()),
        DateForm::Day | DateForm::Seconds => Ok(()),
    };
    Ok(written.into())
}

/// Unix milliseconds of an ISO date, of Unix seconds or of Unix milliseconds.
fn milliseconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    if digits(seconds, 1..=15).is_some() && fraction.is_none_or(|part| digits(part, 1..=9).is_some()) {
        let seconds: i64 = seconds.parse().ok()?;
        return match fraction {
            None if seconds >= MILLISECONDS_FROM => Some(seconds),
            _ => seconds.checked_mul(1000)?.checked_add(thousandths(fraction.unwrap_or_default())),
        };
    }
    iso(text)
}

/// The first three digits of a fraction.
fn thousandths(fraction: &str) -> i64 {
    format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// The text when it consists of so many digits.
fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<&str> {
    (count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn two(text: &str) -> Option<u8> {
    digits(text, 2..=2)?.parse().ok()
}

/// Whether an upstream would read the text as a date.
pub(crate) fn is_iso(text: &str) -> bool {
    iso(text).is_some()
}

fn iso(text: &str) -> Option<i64> {
    let day = text.get(..10)?;
    let date = match day.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => {
            let year = digits(day.get(..4)?, 4..=4)?.parse().ok()?;
            let month = Month::try_from(two(day.get(5..7)?)?).ok()?;
            Date::from_calendar_date(year, month, two(day.get(8..)?)?).ok()?
        }
        _ => return None,
    };
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return at(date, Time::MIDNIGHT, 0, UtcOffset::UTC);
    }
    let rest = rest.strip_prefix(['T', ' '])?;
    let clock = rest.get(..5)?;
    if clock.as_bytes().get(2) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (two(clock.get(..2)?)?, two(clock.get(3..)?)?);
    let mut rest = rest.get(5..)?;
    let (mut second, mut fraction) = (0, "");
    if let Some(behind) = rest.strip_prefix(':') {
        second = two(behind.get(..2)?)?;
        rest = behind.get(2..)?;
        if let Some(behind) = rest.strip_prefix('.') {
            let length = behind.bytes().take_while(u8::is_ascii_digit).count();
            fraction = digits(behind.get(..length)?, 1..=9)?;
            rest = behind.get(length..)?;
        }
    }
    at(date, Time::from_hms(hour, minute, second).ok()?, thousandths(fraction), offset(rest)?)
}

fn at(date: Date, time: Time, thousandths: i64, offset: UtcOffset) -> Option<i64> {
    // Worked out on the seconds: with an offset the year may be one that the type does not take.
    let local = date.with_time(time).assume_utc().unix_timestamp();
    local.checked_sub(i64::from(offset.whole_seconds()))?.checked_mul(1000)?.checked_add(thousandths)
}

/// `Z`, `±HH:MM`, `±HHMM` or nothing.
fn offset(text: &str) -> Option<UtcOffset> {
    if text.is_empty() || text == "Z" {
        return Some(UtcOffset::UTC);
    }
    let negative = text.starts_with('-');
    let clock = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = clock.split_once(':').or_else(|| clock.split_at_checked(2))?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    UtcOffset::from_whole_seconds(if negative { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::{DateForm, rewritten};

    #[test]
    fn the_edges_of_dates_hold() {
        for (text, expected) in [
            ("0000-01-01", Some("0000-01-01T00:00:00.000Z")),
            ("0000-01-01T00:00+00:01", None),
            ("9999-12-31T23:59:59.999Z", Some("9999-12-31T23:59:59.999Z")),
            ("9999-12-31T23:59-00:01", None),
            ("253402300799.999", Some("9999-12-31T23:59:59.999Z")),
            ("99999999999", Some("5138-11-16T09:46:39.000Z")),
            ("100000000000", Some("1973-03-03T09:46:40.000Z")),
            ("999999999999999", None),
            ("2026-11-21T16:05:60Z", None),
            ("2026-11-21T16:05+24:00", None),
            ("2026-11-21T16:05+23:59", Some("2026-11-20T16:06:00.000Z")),
            ("2026-11-21T16:05:07.", None),
            ("2026-11-21T16", None),
            ("2026-1-2", None),
            ("2026-11-21T16:05 Z", None),
            ("2024-02-29", Some("2024-02-29T00:00:00.000Z")),
            ("2025-02-29", None),
            ("1.", None),
            (".5", None),
            ("", None),
            ("２０２６-11-21", None),
        ] {
            let found = rewritten(text, DateForm::Full).ok();
            assert_eq!(found.as_ref().and_then(|value| value.as_str()), expected, "{text}");
        }
    }
}
