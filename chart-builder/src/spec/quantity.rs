//! Quantities and durations as Kubernetes and Go write them, exact and without floating point.

/// A Kubernetes quantity in thousandths of its unit: `500m` is 500, `1` is 1000, `1Gi` is 1024³ · 1000.
pub fn milli(text: &str) -> Option<u128> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(end)?;
    let scale: u128 = match suffix {
        "m" => 1,
        "" => 1000,
        "k" => 1000 * 1000,
        "M" => 1000 * 1_000_000,
        "G" => 1000 * 1_000_000_000,
        "T" => 1000 * 1_000_000_000_000,
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        _ => return None,
    };
    decimal(number, scale)
}

/// Bytes as Fabric's tools read them: `10MiB`, `10 MB` (both 1024²), `10Mi` or a plain number.
pub fn bytes(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(end)?;
    let scale: u64 = match suffix.trim_start() {
        "" | "B" => 1,
        "KiB" | "KB" | "Ki" => 1 << 10,
        "MiB" | "MB" | "Mi" => 1 << 20,
        "GiB" | "GB" | "Gi" => 1 << 30,
        _ => return None,
    };
    u32::try_from(number.parse::<u64>().ok()?.checked_mul(scale)?).ok()
}

/// A Go duration in nanoseconds: `2s`, `1m30s`, `500ms`. Not negative.
pub fn nanoseconds(text: &str) -> Option<u128> {
    const UNITS: &[(&str, u128)] = &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total) = (text, 0_u128);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at_checked(digits)?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(end)?;
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(decimal(number, *scale)?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(total)
}

/// `number` times `scale`, rounded up; `number` has at most one point and a digit.
fn decimal(number: &str, scale: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit());
    let long = whole.len() > 18 || fraction.len() > 9;
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) || long {
        return None;
    }
    let parse = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let below = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = parse(fraction)?.checked_mul(scale)?.div_ceil(below);
    parse(whole)?.checked_mul(scale)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_compare_across_units() {
        assert_eq!(milli("0.5"), milli("500m"));
        assert_eq!(milli("1Gi"), milli("1024Mi"));
        assert!(milli("1G") < milli("1Gi"));
        for wrong in ["", "Gi", "1 Gi", "1gb", "-1", "1.2.3", "１"] {
            assert_eq!(milli(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_binary_as_in_configtx() {
        assert_eq!(bytes("10MiB"), Some(10 << 20));
        assert_eq!(bytes("10 MB"), Some(10 << 20));
        assert_eq!(bytes("512"), Some(512));
        for wrong in ["", "ten", "9GiB", "1.5MiB", "-1"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(nanoseconds("1m30s"), nanoseconds("90s"));
        assert_eq!(nanoseconds("1.5s"), nanoseconds("1500ms"));
        for wrong in ["", "2", "s", "2 s", "-2s", "2x"] {
            assert_eq!(nanoseconds(wrong), None, "{wrong}");
        }
    }
}
