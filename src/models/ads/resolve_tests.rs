use proptest::prelude::*;

use super::*;

const CAMPAIGN: u8 = 1;
const AD_GROUP: u8 = 2;

/// A row with spend only: (level, first day, days, spend).
fn row(level: u8, first: i32, days: i32, spend: i64) -> Row {
    Row {
        report: Report { partial: false, days, level, breakdown: 0, first },
        path: u32::from(level),
        name_path: 0,
        by_name: false,
        place: u32::from(level == AD_GROUP),
        currency: 1,
        as_of: 1,
        values: [Some(spend), None, None, None, None],
    }
}

fn partial(mut row: Row) -> Row {
    row.report.partial = true;
    row
}

fn broken_down(mut row: Row) -> Row {
    row.report.breakdown = 1;
    row
}

fn as_of(as_of: u32, row: Row) -> Row {
    Row { as_of, ..row }
}

/// Spend by day.
fn spend(rows: Vec<Row>) -> Vec<(i32, i64)> {
    let mut days: BTreeMap<i32, i64> = BTreeMap::new();
    for day in resolve(rows, &[]) {
        if let Some(value) = day.values[SPEND] {
            *days.entry(day.day).or_insert(0) += value;
        }
    }
    days.into_iter().collect()
}

#[test]
fn shares_differ_by_one_at_most_and_sum_exactly() {
    let shares: Vec<i64> = (0..7).map(|i| share(10, 7, i)).collect();
    assert_eq!(shares, [1, 1, 2, 1, 2, 1, 2]);
    assert_eq!((0..3).map(|i| share(-10, 3, i)).sum::<i64>(), -10);
}

#[test]
fn complete_beats_partial_even_where_it_is_wider() {
    assert_eq!(spend(vec![partial(row(4, 1, 1, 99)), row(CAMPAIGN, 1, 2, 10)]), [(1, 5), (2, 5)]);
}

#[test]
fn partial_rows_fill_days_that_no_complete_report_covers() {
    assert_eq!(spend(vec![partial(row(4, 2, 1, 9)), row(CAMPAIGN, 1, 1, 10)]), [(1, 10), (2, 9)]);
}

#[test]
fn the_narrowest_period_wins_and_the_wider_gives_its_residual() {
    let rows = vec![row(CAMPAIGN, 1, 7, 100), row(CAMPAIGN, 1, 1, 10), row(CAMPAIGN, 2, 1, 30)];
    assert_eq!(spend(rows), [(1, 10), (2, 30), (3, 12), (4, 12), (5, 12), (6, 12), (7, 12)]);
}

#[test]
fn a_residual_is_never_below_zero() {
    assert_eq!(spend(vec![row(CAMPAIGN, 1, 2, 5), row(CAMPAIGN, 1, 1, 10)]), [(1, 10)]);
}

#[test]
fn a_report_that_is_wholly_covered_is_a_checksum() {
    let rows = vec![row(CAMPAIGN, 1, 2, 500), row(CAMPAIGN, 1, 1, 10), row(CAMPAIGN, 2, 1, 20)];
    assert_eq!(spend(rows), [(1, 10), (2, 20)]);
}

#[test]
fn no_breakdown_beats_a_breakdown_and_coarse_beats_fine() {
    assert_eq!(spend(vec![broken_down(row(CAMPAIGN, 1, 1, 9)), row(AD_GROUP, 1, 1, 8)]), [(1, 8)]);
    assert_eq!(spend(vec![row(CAMPAIGN, 1, 1, 9), row(AD_GROUP, 1, 1, 8)]), [(1, 9)]);
}

#[test]
fn of_equals_the_latest_as_of_wins() {
    let other = |r: Row| Row { report: Report { breakdown: 2, ..r.report }, ..r };
    let old = as_of(1, broken_down(row(CAMPAIGN, 1, 1, 9)));
    assert_eq!(spend(vec![old, as_of(2, other(row(CAMPAIGN, 1, 1, 8)))]), [(1, 8)]);
    let overlapping = vec![as_of(1, row(CAMPAIGN, 1, 2, 20)), as_of(2, row(CAMPAIGN, 2, 2, 40))];
    assert_eq!(spend(overlapping), [(2, 20), (3, 20)], "20 less the 20 known of day 2 leaves nothing");
}

#[test]
fn spellings_of_one_path_count_once_and_complete_each_other() {
    let mut old = as_of(1, row(CAMPAIGN, 1, 1, 9));
    old.values[3] = Some(4);
    let days = resolve(vec![old, as_of(2, row(CAMPAIGN, 1, 1, 8))], &[]);
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].values, [Some(8), None, None, Some(4), None]);
}

#[test]
fn a_name_that_may_be_several_ids_never_counts_beside_them() {
    let ids = [Row { path: 10, ..row(CAMPAIGN, 1, 1, 5) }, Row { path: 11, ..row(CAMPAIGN, 1, 1, 6) }];
    let named = |as_of| Row { path: 12, by_name: true, as_of, ..row(CAMPAIGN, 1, 1, 10) };
    assert_eq!(spend(ids.iter().cloned().chain([named(0)]).collect()), [(1, 11)]);
    assert_eq!(spend(ids.iter().cloned().chain([named(2)]).collect()), [(1, 10)]);
}

#[test]
fn each_metric_has_its_own_winner_and_finer_rows_keep_their_place() {
    let mut fine = row(AD_GROUP, 1, 1, 7);
    fine.values[3] = Some(2);
    let days = resolve(vec![row(CAMPAIGN, 1, 1, 9), fine], &[]);
    let told: Vec<_> = days.iter().map(|d| (d.place, d.values[0], d.values[3])).collect();
    assert_eq!(told, [(0, Some(9), None), (1, None, Some(2))]);
}

#[test]
fn residuals_go_to_the_places_that_lack_them() {
    let place = |place, r: Row| Row { place, path: 100 + place, ..r };
    let rows = vec![
        place(1, row(AD_GROUP, 1, 1, 10)),
        place(1, row(AD_GROUP, 1, 2, 10)),
        place(2, row(AD_GROUP, 1, 2, 6)),
    ];
    let told: Vec<_> = resolve(rows, &[]).iter().map(|d| (d.place, d.day, d.values[0])).collect();
    assert_eq!(told, [(1, 1, Some(10)), (1, 2, Some(0)), (2, 2, Some(6))]);
}

#[test]
fn money_in_two_currencies_is_never_subtracted() {
    let foreign = Row { currency: 2, ..row(CAMPAIGN, 1, 2, 10) };
    assert_eq!(spend(vec![row(CAMPAIGN, 1, 1, 900), foreign]), [(1, 900), (2, 5)]);
}

#[test]
fn totals_without_a_campaign_fill_only_days_without_campaigns() {
    let known = Day { place: u32::MAX, currency: 1, day: 1, values: [Some(60), None, None, None, None] };
    let days = resolve(vec![row(0, 1, 1, 100), row(0, 2, 1, 30)], &[known]);
    assert_eq!(days.iter().map(|d| (d.day, d.values[0])).collect::<Vec<_>>(), [(2, Some(30))]);
}

/// Exact sums of a known truth over nested periods, told at any level.
fn nested_reports() -> impl Strategy<Value = (Vec<i64>, Vec<(usize, u32, bool)>)> {
    let truth = prop::collection::vec(0_i64..5_000_000, 16);
    let reports = prop::collection::vec((0_usize..16, 0_u32..4, any::<bool>()), 0..12);
    (truth, reports)
}

proptest! {
    #[test]
    fn nothing_is_lost_or_counted_twice((truth, reports) in nested_reports(), shuffle in any::<u64>()) {
        let mut rows = vec![row(CAMPAIGN, 0, 16, truth.iter().sum())];
        for (i, (at, size, fine)) in reports.iter().enumerate() {
            let days = 1 << size;
            let first = at / days * days;
            let total: i64 = truth[first..first + days].iter().sum();
            let level = if *fine { AD_GROUP } else { CAMPAIGN };
            rows.push(as_of(i as u32, row(level, first as i32, days as i32, total)));
        }
        let n = rows.len();
        let mut mixed = rows.clone();
        mixed.rotate_left(shuffle as usize % n);
        let days = spend(rows);
        prop_assert_eq!(days.iter().map(|(_, s)| s).sum::<i64>(), truth.iter().sum::<i64>());
        prop_assert_eq!(spend(mixed), days);
    }

    #[test]
    fn rows_that_do_not_overlap_keep_their_sums(lengths in prop::collection::vec((1_i32..40, -9_000_i64..9_000_000), 1..12)) {
        let mut first = 0;
        let mut rows = Vec::new();
        for (days, total) in &lengths {
            rows.push(row(CAMPAIGN, first, *days, *total));
            first += days;
        }
        let sum: i64 = lengths.iter().map(|(_, total)| total).sum();
        prop_assert_eq!(spend(rows).iter().map(|(_, s)| s).sum::<i64>(), sum);
    }
}
