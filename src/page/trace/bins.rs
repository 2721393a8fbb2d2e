//! A small histogram as text: the cheapest picture of twelve numbers.

/// One character a column, as high as its count.
pub(super) fn bars(bins: &[u32]) -> String {
    let most = bins.iter().max().copied().unwrap_or(1).max(1);
    let bar = |&n: &u32| match n {
        0 => '\u{2009}',
        n => char::from_u32(0x2580 + (u64::from(n) * 8).div_ceil(u64::from(most)) as u32).unwrap_or('▁'),
    };
    bins.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn columns_are_as_high_as_their_counts() {
        assert_eq!(bars(&[1, 0, 8, 4, u32::MAX]), "▁\u{2009}▁▁█");
        assert_eq!(bars(&[1, 4, 8]), "▁▄█");
        assert_eq!(bars(&[]), "");
    }
}
