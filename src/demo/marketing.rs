//! Simulates what marketing does: ad campaigns day by day, other costs, newsletters, posts and web traffic.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::company::{AdDay, Campaign, Cost, Newsletter, Platform, Post, Shape, WebMonth};
use super::deals::first_of_month;
use super::people::at_work;
use super::random::Random;

/// Platform, campaign type, channel, share of the budget in per mille, name, later name.
const CAMPAIGNS: [(Platform, &str, &str, i64, &str, &str); 8] = [
    (Platform::Google, "Search", "Paid search", 210, "Brand | \"Exact\", DE/AT", ""),
    (Platform::Google, "Search", "Paid search", 200, "Οδοντικά – Search", "Generic – Search"),
    (Platform::Google, "Performance Max", "Paid search", 120, "PMax, Türkiye İstanbul", ""),
    (Platform::Google, "Display", "Display", 60, "Total Visibility (Display)", ""),
    (Platform::Linkedin, "Sponsored Update", "Paid social", 150, "ABM, Tier 1 \"DACH\"", ""),
    (Platform::Linkedin, "Sponsored Update", "Paid social", 110, "Thought leadership", "Leadership 2026"),
    (Platform::Meta, "OUTCOME_LEADS", "Paid social", 90, "Lead Ads 2", ""),
    (Platform::Meta, "OUTCOME_TRAFFIC", "Paid social", 60, "Yeniden pazarlama, İzmir", ""),
];

pub(super) fn list_campaigns(shape: &Shape) -> Vec<Campaign> {
    let mut campaigns = Vec::new();
    for (number, (platform, kind, channel, _, name, later)) in CAMPAIGNS.into_iter().enumerate() {
        let id = match platform {
            Platform::Google => 21_400_000_100 + 13 * number as u64,
            Platform::Linkedin => 8_081_000_000 + number as u64,
            Platform::Meta => 120_214_000_000_000_000 + number as u64,
        };
        let groups = if platform == Platform::Meta { 1 } else { 2 };
        let renamed_on = shape.end() - Days::new(10);
        campaigns.push(Campaign {
            platform,
            id,
            name: name.to_owned(),
            renamed: (!later.is_empty()).then(|| (renamed_on, later.to_owned())),
            kind,
            channel,
            groups: (0..groups).map(|g| (id * 10 + g, format!("{name} / group {}", g + 1))).collect(),
        });
    }
    campaigns
}

pub(super) fn simulate_ads(seed: u64, shape: &Shape, campaigns: &[Campaign]) -> Vec<AdDay> {
    let mut random = Random::stream(seed, "ads");
    let mut days = Vec::new();
    for offset in 0..7 * shape.weeks {
        let day = shape.start + Days::new(offset);
        let weekday = if day.weekday().number_from_monday() > 5 { 55 } else { 118 };
        for (campaign, planned) in campaigns.iter().enumerate() {
            let (_, _, _, share, _, _) = CAMPAIGNS[campaign];
            for group in 0..planned.groups.len() {
                let budget = shape.daily_budget * share / 1000 / planned.groups.len() as i64;
                if random.chance(3) {
                    continue;
                }
                let cents = budget * weekday / 100 * random.between(70, 130) / 100;
                days.push(ad_day(&mut random, planned, (campaign, group), day, cents));
            }
        }
    }
    days
}

fn ad_day(
    random: &mut Random,
    campaign: &Campaign,
    path: (usize, usize),
    day: NaiveDate,
    cents: i64,
) -> AdDay {
    // cents a click, impressions a click, clicks a hundred leads
    let (click, shown, per_lead) = match (campaign.platform, campaign.channel) {
        (Platform::Google, "Display") => (95, 240, 90),
        (Platform::Google, _) => (290, 24, 28),
        (Platform::Linkedin, _) => (720, 170, 22),
        (Platform::Meta, _) => (140, 90, 60),
    };
    let clicks = cents * 100 / (click * random.between(80, 120)).max(1);
    let leads = clicks / per_lead + i64::from(clicks > 0 && random.chance(40));
    AdDay {
        campaign: path.0,
        group: path.1,
        day,
        impressions: clicks * shown * random.between(85, 115) / 100 + random.between(5, 90),
        clicks,
        cents,
        conversions_hundredths: match campaign.platform {
            Platform::Google => clicks * 100 / per_lead + random.between(0, 60),
            _ => leads * 100,
        },
        leads: if campaign.platform == Platform::Google { 0 } else { leads },
    }
}

fn first_whole_month(shape: &Shape) -> NaiveDate {
    let month = first_of_month(shape.start);
    if month < shape.start { month + Months::new(1) } else { month }
}

/// Costs that no ad platform knows: agency, tools, a trade fair.
pub(super) fn simulate_costs(shape: &Shape) -> Vec<Cost> {
    let mut costs = Vec::new();
    let mut month = first_whole_month(shape);
    while month < shape.end() {
        let to = month + Months::new(1) - Days::new(1);
        let monthly = [
            ("Organic search", "Content agency, \"blog\"", "content", 240_000),
            ("Outbound", "Prospecting tools; seats", "tools", 64_910),
            ("", "Marketing automation", "tools", 89_000),
        ];
        for (channel, campaign, category, cents) in monthly {
            costs.push(Cost { from: month, to, channel, campaign: campaign.to_owned(), category, cents });
        }
        month = month + Months::new(1);
    }
    for fortnight in 0..shape.weeks.div_ceil(2) {
        let day = shape.start + Days::new(14 * fortnight + 3);
        let campaign = format!("Freelance design {}", fortnight + 1);
        costs.push(Cost { from: day, to: day, channel: "", campaign, category: "content", cents: 38_050 });
    }
    let fair = shape.end() - Days::new(20);
    costs.push(Cost {
        from: fair,
        to: fair + Days::new(2),
        channel: "Event",
        campaign: "Expo Istanbul 2026".to_owned(),
        category: "events",
        cents: 680_000,
    });
    costs
}

pub(super) fn simulate_newsletters(seed: u64, shape: &Shape) -> Vec<Newsletter> {
    let mut random = Random::stream(seed, "newsletters");
    (0..shape.weeks.div_ceil(2))
        .map(|issue| {
            let recipients = 1900 + 46 * issue as i64 + random.between(0, 20);
            let bounces = random.between(4, 19);
            let delivered = recipients - bounces;
            let opens = delivered * random.between(31, 46) / 100;
            Newsletter {
                id: format!("{:010x}", 0xd9_ebc9_b43a_u64 ^ (issue * 0x0101_9f31)),
                title: format!("Newsletter {}", issue + 1),
                subject: format!("Haberler, no {} – Pipeline & Umsatz 🔥", issue + 1),
                sent_at: at_work(&mut random, shape.start + Days::new(14 * issue + 1)),
                recipients,
                bounces,
                opens,
                clicks: opens * random.between(7, 19) / 100,
                forwards: random.between(0, 9),
                unsubscribes: random.between(1, 8),
            }
        })
        .collect()
}

/// Channel groups as GA4 names them: sessions a month, engaged and key events in per mille of the sessions.
const WEB: [(&str, i64, i64, i64); 8] = [
    ("Organic Search", 8600, 640, 11),
    ("Direct", 5200, 520, 9),
    ("Paid Search", 4900, 560, 24),
    ("Paid Social", 3300, 310, 14),
    ("Referral", 1500, 600, 12),
    ("Email", 1400, 680, 15),
    ("Organic Social", 1200, 480, 6),
    ("Unassigned", 310, 120, 1),
];

/// Whole months only, as the report is downloaded for them.
pub(super) fn simulate_web(seed: u64, shape: &Shape) -> Vec<WebMonth> {
    let mut random = Random::stream(seed, "web");
    let mut rows = Vec::new();
    let mut month = first_whole_month(shape);
    while month + Months::new(1) <= shape.end() {
        for (channel, sessions, engaged, key_events) in WEB {
            let sessions = sessions * random.between(90, 114) / 100;
            rows.push(WebMonth {
                month,
                channel,
                sessions,
                engaged: sessions * engaged / 1000 + random.between(0, 20),
                key_events: sessions * key_events / 1000,
            });
        }
        month = month + Months::new(1);
    }
    rows
}

pub(super) fn simulate_posts(seed: u64, shape: &Shape) -> Vec<Post> {
    let mut random = Random::stream(seed, "posts");
    (0..2 * shape.weeks)
        .map(|number| {
            let impressions = random.between(900, 5200);
            Post {
                id: format!("urn:li:activity:71{number:06}"),
                posted_on: shape.start + Days::new(7 * (number / 2) + 1 + 2 * (number % 2)),
                text: format!("Müşteri hikâyesi {number}: \"faster close\", in 3 charts"),
                impressions,
                reactions: impressions * random.between(8, 30) / 1000,
                comments: random.between(0, 14),
                shares: random.between(0, 9),
                clicks: impressions * random.between(6, 24) / 1000,
            }
        })
        .collect()
}
