//! The words the invented company is made of.

/// Where people come from, as the CRM's original source says it.
#[derive(Debug)]
pub struct Source {
    pub label: &'static str,
    pub detail: &'static str,
    pub channel: &'static str,
    pub group: &'static str,
    /// Share of the contacts, in per cent.
    pub weight: u64,
    /// Chance of becoming a lead, in per cent; the later steps scale with it.
    pub lead_chance: u64,
    /// utm_source, utm_medium.
    pub utm: Option<(&'static str, &'static str)>,
}

const fn source(
    label: &'static str,
    detail: &'static str,
    channel: &'static str,
    group: &'static str,
    weight: u64,
    lead_chance: u64,
) -> Source {
    Source { label, detail, channel, group, weight, lead_chance, utm: None }
}

pub const PAID_SEARCH: usize = 1;
pub const PAID_SOCIAL: usize = 2;
pub const OFFLINE: usize = 11;

pub const SOURCES: [Source; 12] = [
    source("Organic Search", "", "Organic search", "Inbound", 25, 58),
    Source { utm: Some(("google", "cpc")), ..source("Paid Search", "", "Paid search", "Inbound", 21, 62) },
    Source {
        utm: Some(("linkedin", "paid_social")),
        ..source("Paid Social", "", "Paid social", "Inbound", 15, 44)
    },
    source("Direct Traffic", "", "Direct", "Inbound", 10, 60),
    Source { utm: Some(("newsletter", "email")), ..source("Email Marketing", "", "Email", "Inbound", 6, 50) },
    source("Referrals", "partner-blog.example", "Referral", "Inbound", 6, 64),
    source("Organic Social", "LinkedIn", "Organic social", "Inbound", 4, 42),
    source("AI Referrals", "chatgpt.com", "AI assistant", "Inbound", 4, 66),
    source("Offline Sources", "Expo Istanbul 2026", "Event", "Inbound", 3, 55),
    source("Offline Sources", "Cold outreach", "Outbound", "Outbound", 3, 38),
    source("Offline Sources", "Reseller", "Partner", "Partner", 2, 70),
    source("Offline Sources", "IMPORT", "Unknown", "Unknown", 1, 30),
];

pub const FIRST_NAMES: [&str; 24] = [
    "İpek",
    "Çağrı",
    "Gülşen",
    "Ömer",
    "Işıl",
    "Jürgen",
    "Käthe",
    "Björn",
    "Ελένη",
    "Γιώργος",
    "Σοφία",
    "محمد",
    "ليلى",
    "نورة",
    "Anna",
    "Zoë",
    "José",
    "Marie-Claire",
    "Łukasz",
    "Sam",
    "Priya",
    "Aoife",
    "Tomás",
    "Wei",
];

pub const LAST_NAMES: [&str; 22] = [
    "Yıldız",
    "Öztürk",
    "Çelik",
    "Şahin",
    "Müller",
    "Groß",
    "Weiß",
    "Παπαδόπουλος",
    "Ωνάση",
    "الحسن",
    "العلي",
    "D'Angelo",
    "Smith-Jones",
    "de la Cruz",
    "Åberg",
    "Nguyễn",
    "Kowalski",
    "O'Brien",
    "Ferreira",
    "Ito",
    "van der Berg",
    "Novák",
];

pub const COMPANY_NAMES: [&str; 18] = [
    "Güneş Yazılım",
    "Çınar Lojistik",
    "Işık Enerji",
    "Nordlicht",
    "Müller & Söhne",
    "Straßenbau Groß",
    "Ωμέγα",
    "Αθηνά Δεδομένα",
    "شركة النور",
    "الأفق",
    "Tidewater",
    "Quote \"Q\" Labs",
    "Comma, Inc",
    "Łódź Stal",
    "Açúcar",
    "Fjord & Sons",
    "Harbour Analytics",
    "Blue; Green",
];

pub const LEGAL_FORMS: [&str; 8] = ["A.Ş.", "GmbH", "Ltd", "AG", "SA", "B.V.", "Lda", "Oy"];

pub const INDUSTRIES: [(&str, u64); 6] = [
    ("Software", 30),
    ("Financial Services", 20),
    ("Manufacturing", 20),
    ("Retail", 12),
    ("Logistics", 10),
    ("Education", 8),
];

pub const COUNTRIES: [(&str, u64); 6] = [
    ("Germany", 30),
    ("Turkey", 26),
    ("Greece", 14),
    ("United Kingdom", 12),
    ("Netherlands", 10),
    ("UAE", 8),
];

pub const OWNERS: [&str; 4] = ["Deniz Aydın", "Jörg Weiß", "Katerina Ioannou", "Sam Example"];

pub const ANSWERS: [&str; 7] =
    ["Google", "LinkedIn", "A colleague", "ChatGPT", "Podcast, \"Growth\" show", "Fuar / Expo", "Newsletter"];

pub const PRODUCTS: [&str; 5] =
    ["Platform", "Platform, \"Pilot\"", "Analytics / Erweiterung", "Genişletme; faz 2", "Suite"];

pub const LOST_REASONS: [&str; 5] =
    ["No budget, \"later\"", "Chose a competitor", "No decision", "Fiyat", "Missing feature"];

/// The stages of a new-business deal, in order, before it closes.
pub const DEAL_STAGES: [&str; 4] =
    ["Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent"];
