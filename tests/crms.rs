//! What CRM exports say and how the public views read it: currencies, dates of deals, words of many languages.

use super::support::TestEnv;

/// Imports files into a fresh workspace and answers a query as CSV without its header.
#[track_caller]
fn read(settings: &str, files: &[(&str, &[u8])], sql: &str) -> String {
    let env = TestEnv::new();
    env.write("funnelite.toml", settings);
    for (name, content) in files {
        env.write(&format!("in/{name}"), content);
    }
    env.run(&["import", "in"]).success();
    let answer = env.run(&["sql", sql, "--format", "csv"]).success();
    answer.split_once('\n').map_or(String::new(), |(_, rows)| rows.to_owned())
}

const SHEET: &str = "deal_id;name;company;created_at;closed_at;status;amount;currency;type\n";

#[test]
fn an_amount_is_in_the_currency_it_is_written_with() {
    let attio = include_bytes!("fixtures/attio_deals/record.csv").as_slice();
    let sql = "select name, status, amount, currency from deals order by name";
    let wanted = "Cedar - Add-on,open,10000.0,USD\nCedar - Platform,won,24000.0,EUR\n";
    assert_eq!(read("", &[("deals.csv", attio)], sql), wanted);
    // the currency of the settings is a last resort; a currency column of the file comes first
    assert_eq!(read("currency = \"GBP\"\n", &[("deals.csv", attio)], sql), wanted);
    let sheet = format!(
        "{SHEET}1;A;C;2026-01-02;;open;$5.00;CAD;\n2;B;C;2026-01-02;;open;7.50 €;;\n3;C;C;2026-01-02;;open;1.00;;\n"
    );
    let found = read(
        "",
        &[("deals.csv", sheet.as_bytes())],
        "select name, amount, currency from deals order by name",
    );
    assert_eq!(found, "A,5.0,CAD\nB,7.5,EUR\nC,1.0,\"\"\n");
}

#[test]
fn a_list_that_comes_again_is_read_alike_in_every_order() {
    let row = |deal: usize, amount: usize| format!("{deal};D{deal};C;2026-01-02;;open;{amount};EUR;\n");
    let amount = |deal: usize| if deal.is_multiple_of(7) { 500 } else { 100 };
    let first: String = (0..3000).map(|deal| row(deal, 100)).collect();
    // the first ones are gone, some are new, and one stands there twice
    let again: Vec<usize> = (20..3010).chain([1500]).collect();
    let orders: [fn(usize) -> usize; 4] = [
        |place| place,
        |place| 2990 - place,
        |place| place * 1009 % 2991,
        |place| place / 3 * 3 + 2 - place % 3,
    ];
    for (number, order) in orders.into_iter().enumerate() {
        let rows: String =
            (0..again.len()).map(|place| again[order(place)]).map(|deal| row(deal, amount(deal))).collect();
        let files = [
            ("deals 2026-02-02.csv", format!("{SHEET}{first}")),
            ("deals 2026-02-09.csv", format!("{SHEET}{rows}")),
        ];
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let sql = "select count(*), sum(amount), sum(amount = 500), (select group_concat(rows_changed) from files) from deals";
        // the deals that can be divided by 7, and ten new ones of which 3003 is among them
        let changed = (20_usize..3000).filter(|deal| deal.is_multiple_of(7)).count() + 10;
        let dear = (20_usize..3010).filter(|deal| deal.is_multiple_of(7)).count();
        let wanted = format!("3010,{:.1},{dear},\"3000,{changed}\"\n", (3010 * 100 + dear * 400) as f64);
        assert_eq!(read("", &files, sql), wanted, "order {number}");
    }
}

#[test]
fn a_deal_ends_on_the_day_that_its_export_knows() {
    let head = "\"Deal - ID\",\"Deal - Title\",\"Deal - Value\",\"Deal - Stage\",\"Deal - Status\",\"Deal - Deal created\"";
    let first =
        format!("{head}\n1,A,0,Demo,Open,2026-02-01 10:00:00\n2,B,500,Demo,Open,2026-02-01 10:00:00\n");
    let second =
        format!("{head}\n1,A,2000,Demo,Won,2026-02-01 10:00:00\n2,B,500,Demo,Lost,2026-02-01 10:00:00\n");
    let files = [("deals-2026-03-02.csv", first.as_bytes()), ("deals-2026-03-09.csv", second.as_bytes())];
    let sql = "select name, status, closed_on, amount from deals order by name";
    // a status alone, which changed between two exports
    assert_eq!(read("", &files, sql), "A,won,2026-03-09,2000.0\nB,lost,2026-03-09,500.0\n");
    // an estimate is no day of closing
    let dynamics = "\"(Do Not Modify) Opportunity\",Topic,Status,Est. Revenue,Est. Close Date,Actual Close Date,Created On\n\
        1,A,Won,100,2026-04-30,2026-03-30,2026-01-12\n2,B,Lost,100,2026-04-30,,2026-01-12\n";
    let found = read("", &[("opportunities.csv", dynamics.as_bytes())], sql);
    assert_eq!(found, "A,won,2026-03-30,100.0\nB,lost,,100.0\n");
}

#[test]
fn the_last_change_of_the_stage_dates_the_stage_it_is_in() {
    let head = "\"Deal - ID\",\"Deal - Title\",\"Deal - Pipeline\",\"Deal - Stage\",\"Deal - Status\",\"Deal - Deal created\",\"Deal - Last stage change\"";
    let first = format!("{head}\n1,A,Sales,Demo,Open,2026-02-01 10:00:00,2026-02-20 10:00:00\n");
    let second = format!("{head}\n1,A,Sales,Offer,Open,2026-02-01 10:00:00,2026-03-05 10:00:00\n");
    let files = [("deals-2026-03-02.csv", first.as_bytes()), ("deals-2026-03-09.csv", second.as_bytes())];
    let sql = "select opportunity_on from deals";
    let settings =
        |stage: &str| format!("[stages]\nopportunity = [\"pipedrive:deal_stage:Sales/{stage}\"]\n");
    assert_eq!(read(&settings("Demo"), &files, sql), "2026-02-20\n");
    assert_eq!(read(&settings("Offer"), &files, sql), "2026-03-05\n");
    let attio = include_bytes!("fixtures/attio_deals/record.csv").as_slice();
    let sql = "select closed_on from deals where status = 'won'";
    assert_eq!(read("", &[("deals.csv", attio)], sql), "2026-03-30\n");
}

/// The same three deals as people write them: won new business, a lost renewal, an open deal.
#[test]
fn deals_read_alike_in_every_language() {
    let encode = |text: &str, encoding: &str| -> Vec<u8> {
        match encoding {
            "utf-8 bom" => format!("\u{feff}{text}").into_bytes(),
            "utf-16" => {
                [0xff_u8, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
            }
            name => {
                let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap();
                let (bytes, _, is_lossy) = encoding.encode(text);
                assert!(!is_lossy, "{text}");
                bytes.into_owned()
            }
        }
    };
    for (encoding, rows) in [
        (
            "utf-8",
            "1;A;C;2026-01-22;2026-03-30;won;1,234.50;EUR;New business\n2;B;C;2026-01-22;2026-03-30;Lost;2,000;EUR;Renewal\n3;C;C;22 Jan 2026;;Open;2,000;EUR;",
        ),
        (
            "windows-1252",
            "1;A;Müller;22.01.2026;30.03.2026;Gewonnen;1.234,50 €;EUR;Neugeschäft\n2;B;C;22.01.2026;30.03.2026;Verloren;2.000;EUR;Verlängerung\n3;C;C;22. Jan. 2026;;Offen;2.000;EUR;",
        ),
        (
            "windows-1252",
            "1;A;Société;22/01/2026;30/03/2026;Gagné;1\u{a0}234,50 €;EUR;Nouveau client\n2;B;C;22/01/2026;30/03/2026;Perdu;2\u{a0}000;EUR;Renouvellement\n3;C;C;22 janv. 2026;;En cours;2\u{a0}000;EUR;",
        ),
        (
            "windows-1252",
            "1;A;Peña;22/01/2026;30/03/2026;Ganado;1.234,50;EUR;Nuevo negocio\n2;B;C;22/01/2026;30/03/2026;Perdido;2.000;EUR;Renovación\n3;C;C;22 ene 2026;;Abierto;2.000;EUR;",
        ),
        (
            "windows-1254",
            "1;A;Şirket;22.01.2026;30.03.2026;Kazanıldı;1.234,50;EUR;Yeni iş\n2;B;C;22.01.2026;30.03.2026;Kaybedildi;2.000;EUR;Yenileme\n3;C;C;22 Oca 2026;;Açık;2.000;EUR;",
        ),
        (
            "utf-8 bom",
            "1;A;PT Maju;22/01/2026 10.30;30/03/2026 17.05;Menang;1.234,50;EUR;Bisnis baru\n2;B;C;22/01/2026 10.30;30/03/2026 17.05;Kalah;2.000;EUR;Perpanjangan\n3;C;C;22 Jan 2026;;Terbuka;2.000;EUR;",
        ),
        (
            "windows-1256",
            "1;A;شركة;22/01/2026;30/03/2026;رابحة;1,234.50;EUR;عمل جديد\n2;B;C;22/01/2026;30/03/2026;خاسرة;2,000;EUR;تجديد\n3;C;C;22 يناير 2026;;مفتوح;2,000;EUR;",
        ),
        (
            "utf-16",
            "1;A;شركة;٢٢/٠١/٢٠٢٦;٣٠/٠٣/٢٠٢٦;رابحة;١٬٢٣٤٫٥٠;EUR;عمل جديد\n2;B;C;٢٢/٠١/٢٠٢٦;٣٠/٠٣/٢٠٢٦;خاسرة;٢٬٠٠٠;EUR;تجديد\n3;C;C;٢٢ يناير ٢٠٢٦;;مفتوح;٢٬٠٠٠;EUR;",
        ),
    ] {
        let file = encode(&format!("{SHEET}{rows}\n"), encoding);
        let sql =
            "select deal_id, status, amount, created_on, closed_on, is_new_business from deals order by 1";
        let found = read("", &[("deals-2026-04-30.csv", &file)], sql);
        let wanted = "1,won,1234.5,2026-01-22,2026-03-30,1\n2,lost,2000.0,2026-01-22,2026-03-30,0\n3,open,2000.0,2026-01-22,,1\n";
        assert_eq!(found, wanted, "{rows}");
    }
}

#[test]
fn a_status_that_no_rule_covers_is_listed() {
    let env = TestEnv::new();
    env.write("deals-2026-04-30.csv", format!("{SHEET}1;A;C;2026-01-22;;Zu den Akten;5;EUR;\n"));
    env.run(&["import", "deals-2026-04-30.csv"]).success();
    let check = env.run(&["check", "unmapped-stages"]);
    assert!(check.stdout.contains("sheet:deal_status:Zu den Akten"), "{check}");
}

/// Where stages say what an opportunity is, each stage has to be placed.
#[test]
fn a_stage_behind_the_qualifying_one_is_asked_for() {
    let head = "\"Deal - ID\",\"Deal - Title\",\"Deal - Pipeline\",\"Deal - Stage\",\"Deal - Status\",\"Deal - Deal created\"";
    let env = TestEnv::new();
    env.write("deals-2026-04-30.csv", format!("{head}\n1,A,Sales,Offer,Open,2026-02-01 10:00:00\n"));
    env.run(&["import", "deals-2026-04-30.csv"]).success();
    assert!(!env.run(&["check", "unmapped-stages"]).stdout.contains("Offer"));
    env.write("funnelite.toml", "[stages]\nopportunity = [\"pipedrive:deal_stage:Sales/Demo\"]\n");
    let check = env.run(&["check", "unmapped-stages"]);
    assert!(check.stdout.contains("pipedrive:deal_stage:Sales/Offer"), "{check}");
}

#[test]
fn a_deal_that_ended_on_an_unknown_day_is_listed() {
    let env = TestEnv::new();
    let rows = "1;A;C;2026-01-22;;won;5;EUR;\n2;B;C;2026-01-22;2026-02-01;won;7;EUR;\n3;D;C;2026-01-22;;open;7;EUR;\n";
    env.write("deals-2026-04-30.csv", format!("{SHEET}{rows}"));
    env.run(&["import", "deals-2026-04-30.csv"]).success();
    let check = env.run(&["check", "closed-deals-without-date", "--format", "csv"]).stdout;
    assert!(check.contains("sheet / (no pipeline) / won,\"1 deals, such as 1 A\",1,"), "{check}");
    let scorecard = env.run(&["query", "scorecard", "--period", "2026-02"]).stderr;
    assert!(scorecard.contains("1 deals won or lost on an unknown day"), "{scorecard}");
}

#[test]
fn a_lead_that_was_qualified_or_not_is_so_whatever_its_reason() {
    let leads = "\"(Do Not Modify) Lead\",Name,Email,Status,Status Reason,Created On\n\
        1,A,a@one.example,Qualified,Qualified,2026-03-02\n2,B,b@two.example,Disqualified,Cannot Contact,2026-03-02\n3,C,c@three.example,Open,Contacted,2026-03-02\n";
    let sql = "select p.email, p.furthest_stage, max(h.stage = 'disqualified') from people as p
        join stage_history as h on h.person_id = p.person_id group by 1, 2 order by 1";
    let found = read("", &[("leads.csv", leads.as_bytes())], sql);
    assert_eq!(found, "a@one.example,sql,0\nb@two.example,lead,1\nc@three.example,lead,0\n");
}

#[test]
fn a_question_asked_in_two_languages_has_one_answer() {
    let contacts = "Record ID,First Name,Email,Create Date,Lifecycle Stage,Wie haben Sie von uns erfahren?,¿Cómo nos conociste?\n\
        1,Ana,ana@one.example,2026-01-12 09:14,Lead,,Un amigo\n2,Bo,bo@two.example,2026-01-12 09:14,Lead,Messe,\n";
    let sql = "select email, self_reported_source from people order by 1";
    let found = read("", &[("contacts.csv", contacts.as_bytes())], sql);
    assert_eq!(found, "ana@one.example,Un amigo\nbo@two.example,Messe\n");
}

#[test]
fn what_is_still_to_do_answers_nobody() {
    let leads = "\"Lead - ID\",\"Lead - Title\",\"Lead - Source channel\",\"Lead - Lead created\",\"Lead - Contact person ID\",\"Person - Email - Work\"\n\
        l1,Northwind,Web forms,2026-03-02 09:14:00,501,ana@northwind.example\nl2,Cedar,Web forms,2026-03-02 09:14:00,502,bo@cedar.example\n";
    let people = "\"Person - ID\",\"Person - Name\",\"Person - Email - Work\",\"Person - Person created\"\n\
        501,Ana,ana@northwind.example,2026-03-02 09:14:00\n502,Bo,bo@cedar.example,2026-03-02 09:14:00\n";
    let activities = include_bytes!("fixtures/pipedrive_activities/all_columns.csv").as_slice();
    let files = [
        ("leads-2026-03-03.csv", leads.as_bytes()),
        ("people-2026-03-03.csv", people.as_bytes()),
        ("activities-2026-03-03.csv", activities),
    ];
    let sql = "select email, response_minutes from inbound_requests order by 1";
    assert_eq!(read("", &files, sql), "ana@northwind.example,77.0\nbo@cedar.example,\n");
    let sql = "select name, booked_on, starts_on, outcome from meetings";
    assert_eq!(read("", &files, sql), "Demo,2026-03-02,2026-03-09,scheduled\n");
}

/// Files of invented CRMs: what `sources --new` writes for each imports it as it stands.
#[test]
fn a_started_format_imports_its_file() {
    let people = [
        "Kundennummer;Vorname;Nachname;E-Mail-Adresse;Firma;Angelegt am;Status;Quelle;Zuständig\n\
         1;Zoé;Çelik;zoe@one.example;One;13.01.2026;MQL;Messe;Sam\n",
        "Réf.;Prénom;Nom;Adresse e-mail;Société;Créé le;Statut;Origine\n\
         1;Zoé;Çelik;zoe@one.example;One;13/01/2026;MQL;Salon\n",
        "Código;Nombre;Apellidos;Correo electrónico;Empresa;Fecha de alta;Estado;Origen\n\
         1;Zoé;Çelik;zoe@one.example;One;13/01/2026;MQL;Feria\n",
        "Müşteri No;Ad;Soyad;E-posta;Şirket;Kayıt Tarihi;Aşama;Kaynak\n\
         1;Zoé;Çelik;zoe@one.example;One;13.01.2026;MQL;Fuar\n",
        "Nomor;Nama Depan;Nama Belakang;Surel;Perusahaan;Tanggal Dibuat;Status Prospek;Sumber\n\
         1;Zoé;Çelik;zoe@one.example;One;13/01/2026;MQL;Trade show\n",
        "رقم العميل,الاسم الأول,اسم العائلة,البريد الإلكتروني,الشركة,تاريخ الإنشاء,المرحلة,المصدر\n\
         1,Zoé,Çelik,zoe@one.example,One,13/01/2026,MQL,Trade show\n",
    ];
    let sql = "select person_id, email, company, created_on, channel, furthest_stage from people";
    for file in people {
        assert_eq!(start(file, sql), "other:1,zoe@one.example,One,2026-01-13,Event,mql\n", "{file}");
    }
    let deals = [
        "Ref,Deal,Organisation,Opened,Outcome,Worth,Curr,Closed\n1,A,One,2026-01-13,Won,\"1,234.50\",EUR,2026-01-30\n",
        "Vorgangsnummer;Bezeichnung;Firma;Phase;Betrag;Währung;Angelegt am;Abschlussdatum\n\
         1;A;One;Gewonnen;1.234,50;EUR;13.01.2026;30.01.2026\n",
        "N° affaire;Intitulé;Société;Étape;Montant;Devise;Créé le;Date de clôture\n\
         1;A;One;Gagné;1 234,50;EUR;13/01/2026;30/01/2026\n",
        "Código;Oportunidad;Empresa;Etapa;Importe;Moneda;Fecha de creación;Fecha de cierre\n\
         1;A;One;Ganado;1.234,50;EUR;13/01/2026;30/01/2026\n",
        "Anlaşma No;Anlaşma;Şirket;Durum;Tutar;Para Birimi;Oluşturulma Tarihi;Kapanış Tarihi\n\
         1;A;One;Kazanıldı;1.234,50;EUR;13.01.2026;30.01.2026\n",
        "Nomor Peluang;Nama Peluang;Perusahaan;Status;Nilai;Tanggal Dibuat;Tanggal Penutupan\n\
         1;A;One;Menang;€1.234,50;13/01/2026;30/01/2026\n",
        "رقم الصفقة,اسم الصفقة,الشركة,الحالة,القيمة,العملة,تاريخ الإنشاء,تاريخ الإغلاق\n\
         1,A,One,رابحة,1234.50,EUR,13/01/2026,30/01/2026\n",
    ];
    let sql = "select deal_id, name, company, status, amount, currency, created_on, closed_on from deals";
    for file in deals {
        assert_eq!(start(file, sql), "1,A,One,won,1234.5,EUR,2026-01-13,2026-01-30\n", "{file}");
    }
}

/// Starts a format for a file, imports the file by it, and answers a query.
#[track_caller]
fn start(file: &str, sql: &str) -> String {
    let env = TestEnv::new();
    env.write("list.csv", file);
    let format = env.run(&["sources", "--new", "list.csv"]).success();
    env.write("formats/list.toml", format);
    env.run(&["import", "list.csv"]).success();
    env.run(&["sql", sql, "--format", "csv"]).success().split_once('\n').unwrap().1.to_owned()
}

#[test]
fn what_a_file_leaves_doubtful_is_said() {
    let said = |content: &[u8]| {
        let env = TestEnv::new();
        env.write("report-2026-04-06.csv", content);
        let output = env.run(&["import", "report-2026-04-06.csv"]);
        assert_eq!(output.code, Some(0), "{output}");
        output.stderr
    };
    let lead = |n: usize| format!("00Q8a00001a{n:04},N{n},Web,New,1/13/2026\n");
    let leads = |n: usize| {
        let rows: String = (0..n).map(lead).collect();
        format!(
            "Lead ID,Last Name,Lead Source,Lead Status,Create Date\n{rows}\"Grand Totals ({n} records)\"\n"
        )
    };
    assert!(
        said(leads(2000).as_bytes()).contains("it has exactly 2,000 rows, where such exports are cut off")
    );
    assert!(!said(leads(20).as_bytes()).contains("cut off"));
    let doubled = "Record ID,First Name,Email,Create Date,Lifecycle Stage,Create Date\n\
        11,Zoé,a@one.example,2026-01-12 09:14,Lead,2025-01-12 09:14\n";
    assert!(said(doubled.as_bytes()).contains("the column `Create Date` stands there more than once"));
    let once = include_bytes!("fixtures/close_opportunities/lead_opps.csv");
    assert!(!said(once).contains("more than once"));
    let western: Vec<u8> = doubled.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert!(said(&western).contains("read as windows-1252"));
}

#[test]
fn a_call_that_is_planned_answers_nobody() {
    let leads = "Id,LastName,Company,Email,LeadSource,Status,IsConverted,CreatedDate\n\
        00Q8a00001aAAA1EAO,A,One,a@one.example,Web,New,0,2026-01-12 15:00:00\n\
        00Q8a00001aAAA2EAO,B,Two,b@two.example,Web,New,0,2026-01-12 15:00:00\n";
    let tasks = "Id,WhoId,WhatId,Subject,ActivityDate,Status,IsClosed,TaskSubtype,CompletedDateTime,CreatedDate\n\
        00T8a00000bBBB1MAJ,00Q8a00001aAAA1EAO,,Call,2026-01-12 00:00:00,Completed,1,Call,,2026-01-12 15:20:00\n\
        00T8a00000bBBB2MAJ,00Q8a00001aAAA2EAO,,Call,2026-01-20 00:00:00,Not Started,0,Call,,2026-01-12 15:20:00\n";
    let files = [("Lead.csv", leads.as_bytes()), ("Task.csv", tasks.as_bytes())];
    let sql = "select email, response_minutes from inbound_requests order by 1";
    assert_eq!(read("", &files, sql), "a@one.example,20.0\nb@two.example,\n");
}

/// Headers that a known export shares are no reason to drop what another system said.
#[test]
fn a_file_of_another_system_is_not_taken_for_a_known_one() {
    let env = TestEnv::new();
    env.write("a.csv", "Opportunity ID,Opportunity Name,Stage,Amount,Close Date\nF-1,A,Won,5,1/13/2026\n");
    env.write(
        "b.csv",
        "Deal ID,Deal Name,Stage,Amount,Currency,Close Date,Status\n1,A,Proposal,100,EUR,2026-03-01,Won\n",
    );
    env.write("c.csv", "Record Id,Name\n1,Visit\n");
    let refused = env.run(&["import", "a.csv"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("no row of it has an id as such a report gives it"), "{refused}");
    let unknown = env.run(&["import", "b.csv", "c.csv"]);
    assert_eq!(unknown.code, Some(3), "{unknown}");
    assert!(unknown.stderr.contains("2 not recognised"), "{unknown}");
    // a report of nothing is one
    env.write("d.csv", "Opportunity ID,Opportunity Name,Stage,Amount,Close Date\n\nGrand Totals (0 records),,,0.00,\nAll opportunities\nCopyright (c) 2000-2026 salesforce.com\n");
    env.run(&["import", "d.csv"]).success();
}

/// What a system puts into every new account is nobody.
#[test]
fn samples_of_the_vendor_are_in_no_number() {
    let contacts = "Record ID,First Name,Last Name,Email,Create Date,Lifecycle Stage\n\
        1,Brian,Halligan (Sample Contact),b@vendor.example,2026-01-12 09:14,Lead\n2,Ana,M,ana@one.example,2026-01-12 09:14,Lead\n";
    assert_eq!(
        read("", &[("contacts.csv", contacts.as_bytes())], "select email from people"),
        "ana@one.example\n"
    );
}
