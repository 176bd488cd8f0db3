//! Times as people write them: `10m`, `2026-11-21`, `2026-11-21T08:30:00Z`.

use crate::error::ReplayError;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time};

/// The beginning of a range. A date is its first moment in UTC, `10m` is ten minutes before `now`.
pub fn since(given: &str, now: OffsetDateTime) -> Result<OffsetDateTime, ReplayError> {
    Ok(match read(given, now)? {
        Moment::At(time) => time,
        Moment::Day(day) => day.with_time(Time::MIDNIGHT).assume_utc(),
    })
}

/// The end of a range, which belongs to it. A date is its last millisecond in UTC.
pub fn until(given: &str, now: OffsetDateTime) -> Result<OffsetDateTime, ReplayError> {
    Ok(match read(given, now)? {
        Moment::At(time) => time,
        Moment::Day(day) => day.with_time(Time::MAX).assume_utc(),
    })
}

enum Moment {
    At(OffsetDateTime),
    Day(Date),
}

fn read(given: &str, now: OffsetDateTime) -> Result<Moment, ReplayError> {
    let text = given.trim();
    if let Some(ago) = ago(text) {
        return now.checked_sub(ago).map(Moment::At).ok_or_else(|| ReplayError::Moment { given: given.to_owned() });
    }
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(Moment::Day(day));
    }
    OffsetDateTime::parse(text, &Rfc3339).map(Moment::At).map_err(|_| ReplayError::Moment { given: given.to_owned() })
}

/// `90s`, `10m`, `2h`, `3d`, `2w`.
fn ago(text: &str) -> Option<Duration> {
    let (unit, _) = text.char_indices().next_back()?;
    let count: u32 = text[..unit].parse().ok()?;
    let seconds = match &text[unit..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    Some(Duration::seconds(i64::from(count) * seconds))
}

#[cfg(test)]
mod tests {
    use super::{since, until};
    use time::macros::datetime;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = datetime!(2026-11-21 12:00 UTC);
        for (given, expected) in [
            ("90s", datetime!(2026-11-21 11:58:30 UTC)),
            ("10m", datetime!(2026-11-21 11:50 UTC)),
            ("2h", datetime!(2026-11-21 10:00 UTC)),
            ("3d", datetime!(2026-11-18 12:00 UTC)),
            ("1w", datetime!(2026-11-14 12:00 UTC)),
            ("2026-11-20", datetime!(2026-11-20 00:00 UTC)),
            ("2026-11-20T10:00:00+02:00", datetime!(2026-11-20 08:00 UTC)),
        ] {
            assert_eq!(since(given, now).expect(given), expected, "{given}");
        }
        assert_eq!(until("2026-11-20", now).expect("a date").unix_timestamp(), 1_795_219_199, "the day belongs to it");
        for given in ["", "m", "10", "10 minutes", "-5m", "2026-13-01", "yesterday", "é", "99999999999d"] {
            assert!(since(given, now).is_err(), "{given}");
        }
        assert!(since("4294967295w", now).is_err(), "before the calendar begins");
    }
}
