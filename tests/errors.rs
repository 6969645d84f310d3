//! The error gallery: what a person reads when something is wrong, with its exit code.

use crate::support::TestEnv;

#[test]
fn every_message_names_what_is_wrong_and_what_to_do() {
    let env = TestEnv::new();
    let contacts = "\"Record ID\",\"Email\",\"Lifecycle Stage\",\"Create Date\"\n";
    env.write(
        "rows.csv",
        format!("{contacts}\"1\",\"a@b.example\",\"Lead\",\"31/02/2026\"\n\"\",\"c@d.example\",\"Lead\",\"2026-01-01\"\n\"3\",\"e@f.example\",\"Lead\",\"2026-01-01\"\n"),
    );
    env.write("rounded.csv", format!("{contacts}\"1.05284E+11\",\"a@b.example\",\"Lead\",\"2026-01-01\"\n"));
    env.write("unclear.csv", format!("{contacts}\"1\",\"a@b.example\",\"Lead\",\"03/04/2026\"\n"));
    env.write("future-2031-01-01.csv", format!("{contacts}\"1\",\"a@b.example\",\"Lead\",\"2026-01-01\"\n"));
    env.write("unknown.csv", "Fruit,Colour\napple,red\n");
    env.write(
        "undated.csv",
        "Campaign report\nAll time\nCampaign,Currency code,Cost,Impr.,Clicks\nBrand,EUR,1.00,2,1\n",
    );
    env.write(
        "penniless.csv",
        "Campaign report\n\"March 1, 2026 - March 2, 2026\"\nCampaign,Cost,Impr.,Clicks\nBrand,1.00,2,1\n",
    );
    env.write("total.csv", "Campaign report\n\"March 1, 2026 - March 2, 2026\"\nCampaign status,Campaign,Currency code,Cost,Impr.,Clicks\nEnabled,Brand,EUR,1.00,2,1\nTotal: Campaigns, --,EUR,3.00,2,1\n");
    env.write("broken.zip", "PK\u{3}\u{4}nothing");
    let commands: [&[&str]; 14] = [
        &["query", "scorecard"],
        &["import", "rows.csv", "--as-of", "2026-03-01"],
        &["import", "rounded.csv"],
        &["import", "unclear.csv"],
        &["import", "future-2031-01-01.csv"],
        &["import", "unknown.csv"],
        &["import", "undated.csv"],
        &["import", "penniless.csv"],
        &["import", "total.csv"],
        &["import", "broken.zip"],
        &["import", "nowhere.csv"],
        &["import", "rows.csv", "--source", "hubspot_contact"],
        &["undo", "99"],
        &["target", "add", "mqlz", "2026-03", "5"],
    ];
    let mut gallery = String::new();
    for command in commands {
        let output = env.run(command);
        gallery += &format!("$ funnelite {}\n{output}\n\n", command.join(" "));
    }
    insta::assert_snapshot!(gallery);
}
