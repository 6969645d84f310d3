//! An invented company: what happened in it, the exports its platforms would give, and the numbers that follow.
//!
//! The simulation knows the truth first and writes the files from it, so the imported numbers can be held
//! against it cell by cell.

pub mod company;
mod deals;
pub mod exports;
mod marketing;
mod people;
pub mod random;
pub mod truth;
pub mod words;

use company::{Company, Platform, Shape};
pub use exports::write_exports;

/// The seed of the sample workspace.
pub const SEED: u64 = 2026;

/// Lets the company live through its weeks. The same seed and shape give the same company.
pub fn simulate(seed: u64, shape: &Shape) -> Company {
    let campaigns = marketing::list_campaigns(shape);
    let ad_days = marketing::simulate_ads(seed, shape, &campaigns);
    let names = |of: &dyn Fn(Platform) -> bool| {
        campaigns.iter().filter(|c| of(c.platform)).map(|c| c.name.clone()).collect()
    };
    let names = people::CampaignNames {
        search: names(&|platform| platform == Platform::Google),
        social: names(&|platform| platform != Platform::Google),
    };
    let (accounts, mut people) = people::simulate_people(seed, shape, &names);
    let deals = deals::simulate_deals(seed, shape, &accounts, &mut people);
    let subscribers = deals::simulate_subscribers(seed, shape, &accounts, &people, &deals);
    let (meetings, requests) = deals::simulate_conversations(seed, &people);
    Company {
        shape: shape.clone(),
        accounts,
        people,
        deals,
        campaigns,
        ad_days,
        subscribers,
        meetings,
        requests,
        costs: marketing::simulate_costs(shape),
        newsletters: marketing::simulate_newsletters(seed, shape),
        web: marketing::simulate_web(seed, shape),
        posts: marketing::simulate_posts(seed, shape),
    }
}
