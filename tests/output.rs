//! Answers in every shape, as people and programs read them.

use funnelite::output::{Cell, Chart, ResultSet, Shape, Stream, Style, write};
use insta::assert_snapshot;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

/// One row of everything that goes wrong elsewhere.
fn sample() -> ResultSet {
    let row = |company: &str, spend: f64, mqls: Option<i64>, rate: Option<f64>| {
        vec![
            Cell::from("2026-10-01"),
            Cell::from(company),
            Cell::Real(spend),
            Cell::from(mqls),
            Cell::from(rate),
            Cell::from(""),
        ]
    };
    ResultSet::new(
        ["month", "company", "spend", "mqls", "lead_to_mql_rate", "note"],
        vec![
            row("İğdır Yazılım A.Ş.", 1234567.5, Some(1200), Some(0.1234)),
            row("شركة البيانات", -0.5, Some(7), None),
            row("Ελληνική Εταιρεία | α", 0.0, None, Some(1.0)),
            row("株式会社データ解析", 99.999, Some(-3), Some(0.0)),
            row("🚀 Rocket, \"Inc\"\nBerlin", 12.0, Some(0), Some(0.05)),
            row("=HYPERLINK(\"x\")", 1e-7, Some(1), Some(0.5)),
        ],
    )
}

fn shown(result: &ResultSet, shape: Shape, style: &Style) -> String {
    let mut bytes = Vec::new();
    let note = write(result, shape, style, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    note.map_or(text.clone(), |note| format!("{text}({note})"))
}

#[test]
fn table() {
    let style = Style::default();
    assert_snapshot!(shown(&sample(), Shape::Table, &style), @r#"
        month       company                         spend   mqls  lead_to_mql_rate  note
        ──────────  ───────────────────────  ────────────  ─────  ────────────────  ────
        2026-10-01  İğdır Yazılım A.Ş.       1,234,567.50  1,200             12.3%
        2026-10-01  شركة البيانات                   -0.50      7                 –
        2026-10-01  Ελληνική Εταιρεία | α            0.00      –            100.0%
        2026-10-01  株式会社データ解析             100.00     -3              0.0%
        2026-10-01  🚀 Rocket, "Inc"↵Berlin         12.00      0              5.0%
        2026-10-01  =HYPERLINK("x")                  0.00      1             50.0%
        "#);
    let narrow = Style { width: Some(60), ..style.clone() };
    assert_snapshot!(shown(&sample(), Shape::Table, &narrow), @r#"
        month       company                         spend   mqls
        ──────────  ───────────────────────  ────────────  ─────
        2026-10-01  İğdır Yazılım A.Ş.       1,234,567.50  1,200
        2026-10-01  شركة البيانات                   -0.50      7
        2026-10-01  Ελληνική Εταιρεία | α            0.00      –
        2026-10-01  株式会社データ解析             100.00     -3
        2026-10-01  🚀 Rocket, "Inc"↵Berlin         12.00      0
        2026-10-01  =HYPERLINK("x")                  0.00      1
        (2 columns do not fit: lead_to_mql_rate, note)
        "#);
    let narrower = Style { width: Some(30), ..style.clone() };
    assert_snapshot!(shown(&sample(), Shape::Table, &narrower), @r"
        month
        ──────────
        2026-10-01
        2026-10-01
        2026-10-01
        2026-10-01
        2026-10-01
        2026-10-01
        (5 columns do not fit: company, spend, mqls, lead_to_mql_rate, note)
        ");
    let set = Style { widths: vec![0, 8], null: "NULL".to_owned(), headers: false, ..style };
    assert_snapshot!(shown(&sample(), Shape::Table, &set), @r"
        2026-10-01  İğdır Y…  1,234,567.50  1,200   12.3%
        2026-10-01  شركة ال…         -0.50      7    NULL
        2026-10-01  Ελληνικ…          0.00   NULL  100.0%
        2026-10-01  株式会…         100.00     -3    0.0%
        2026-10-01  🚀 Rock…         12.00      0    5.0%
        2026-10-01  =HYPERL…          0.00      1   50.0%
        (6 cells are cut)
        ");
}

/// Rows that are wider than any screen, and sentences that are longer than a line.
#[test]
fn lines_and_sentences() {
    let kpis = ResultSet::new(
        ["kpi", "definition", "spend"],
        vec![
            vec![
                Cell::from("cac"),
                Cell::from("Spend in the period divided by the new customers of the same period and channel"),
                Cell::Real(1234.5),
            ],
            vec![Cell::from("mqls"), Cell::Null, Cell::Null],
        ],
    );
    let style = Style { width: Some(44), currency: Some("EUR".to_owned()), ..Style::default() };
    assert_snapshot!(shown(&kpis, Shape::Table, &style), @r"
        kpi   definition                       spend
        ────  ────────────────────────────  ──── EUR
        cac   Spend in the period divided   1,234.50
              by the new customers of the
              same period and channel
        mqls  –                                    –
        ");
    assert_snapshot!(shown(&kpis, Shape::Line, &style), @r"
        kpi          cac
        definition   Spend in the period divided by
                     the new customers of the same
                     period and channel
        spend (EUR)  1,234.50

        kpi          mqls
        definition   –
        spend (EUR)  –
        ");
}

/// Money says its currency where all of a column is in one.
#[test]
fn money_with_its_currency() {
    let row = |currency: &str, amount: f64| {
        vec![Cell::from(currency), Cell::Real(amount), Cell::Real(amount * 2.0), Cell::from(3)]
    };
    let deals = ResultSet::new(
        ["currency", "amount", "amount_reporting", "deals"],
        vec![row("USD", 10.0), row("TRY", 1000.0)],
    );
    let style = Style { currency: Some("EUR".to_owned()), ..Style::default() };
    assert_snapshot!(shown(&deals, Shape::Table, &style), @r"
        currency    amount  amount_reporting  deals
        ────────  ────────  ──────────── EUR  ─────
        USD          10.00             20.00      3
        TRY       1,000.00          2,000.00      3
        ");
    assert_snapshot!(shown(&deals, Shape::Markdown, &style), @r"
        | currency | amount | amount_reporting (EUR) | deals |
        | --- | ---: | ---: | ---: |
        | USD | 10.00 | 20.00 | 3 |
        | TRY | 1,000.00 | 2,000.00 | 3 |
        ");
    assert_eq!(
        shown(&deals, Shape::Csv, &style).lines().next(),
        Some("currency,amount,amount_reporting,deals")
    );
    let costs = ResultSet::new(
        ["kpi", "unit", "value", "cac"],
        vec![vec![Cell::from("cac"), Cell::from("money"), Cell::Real(1.5), Cell::from(7)]],
    );
    assert_snapshot!(shown(&costs, Shape::Table, &style), @r"
        kpi  unit  value   cac
        ───  ────  ─────   EUR
        cac  EUR    1.50  7.00
        ");
    let mixed = Style { mixed_money: true, ..style };
    assert!(!shown(&costs, Shape::Table, &mixed).contains(" EUR\n"));
}

#[test]
fn formulas_are_guarded_and_numbers_are_not() {
    let texts = ["=1+1", "+49 30 1234", "-5", "-1.5e3", "-x", "@sum", "\ttab", "\nline", "a=b", "-"];
    let result = ResultSet::new(["=name"], texts.map(|text| vec![Cell::from(text)]).to_vec());
    assert_snapshot!(shown(&result, Shape::Csv, &Style::default()), @r#"
        '=name
        '=1+1
        '+49 30 1234
        -5
        -1.5e3
        '-x
        '@sum
        '	tab
        "'
        line"
        a=b
        '-
        "#);
}

/// A result that comes in batches is written like one that comes at once.
#[test]
fn batches_make_one_answer() {
    let (all, style) = (sample(), Style::default());
    let empty = ResultSet { columns: all.columns.clone(), rows: Vec::new() };
    for shape in [Shape::Csv, Shape::Tsv, Shape::Json, Shape::Ndjson] {
        for batches in [vec![], vec![&empty], vec![&all], vec![&all, &all, &empty]] {
            let mut stream = Stream::new(shape, style.clone());
            let mut bytes = Vec::new();
            let mut whole = ResultSet { columns: all.columns.clone(), rows: Vec::new() };
            for batch in &batches {
                stream.write(batch, &mut bytes).unwrap();
                whole.rows.extend(batch.rows.clone());
            }
            assert_eq!(stream.end(&mut bytes).unwrap(), !batches.is_empty());
            let expected = if batches.is_empty() { String::new() } else { shown(&whole, shape, &style) };
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}

#[test]
fn colours_only_where_asked() {
    let result = ResultSet::new(
        ["a"],
        vec![vec![Cell::Null], vec![Cell::from(-1)], vec![Cell::from("\u{1b}[31mred")]],
    );
    assert!(!shown(&result, Shape::Table, &Style::default()).contains('\u{1b}'));
    let colored = Style { color: true, ..Style::default() };
    assert_snapshot!(shown(&result, Shape::Table, &colored).replace('\u{1b}', "^"), @r"
        ^[1ma^[0m
        ^[2m────────^[0m
        ^[2m–^[0m
        ^[31m-1^[0m
        �[31mred
        ");
}

#[test]
fn exact_shapes() {
    let style = Style::default();
    assert_snapshot!(shown(&sample(), Shape::Csv, &style), @r#"
        month,company,spend,mqls,lead_to_mql_rate,note
        2026-10-01,İğdır Yazılım A.Ş.,1234567.5,1200,0.1234,""
        2026-10-01,شركة البيانات,-0.5,7,,""
        2026-10-01,Ελληνική Εταιρεία | α,0.0,,1.0,""
        2026-10-01,株式会社データ解析,99.999,-3,0.0,""
        2026-10-01,"🚀 Rocket, ""Inc""
        Berlin",12.0,0,0.05,""
        2026-10-01,"'=HYPERLINK(""x"")",1e-7,1,0.5,""
        "#);
    let unguarded = Style { guard: false, headers: false, ..style.clone() };
    assert!(shown(&sample(), Shape::Tsv, &unguarded).contains("\t\"=HYPERLINK(\"\"x\"\")\"\t"));
    assert_snapshot!(shown(&sample(), Shape::Json, &style), @r#"
        [
          {"month":"2026-10-01","company":"İğdır Yazılım A.Ş.","spend":1234567.5,"mqls":1200,"lead_to_mql_rate":0.1234,"note":""},
          {"month":"2026-10-01","company":"شركة البيانات","spend":-0.5,"mqls":7,"lead_to_mql_rate":null,"note":""},
          {"month":"2026-10-01","company":"Ελληνική Εταιρεία | α","spend":0.0,"mqls":null,"lead_to_mql_rate":1.0,"note":""},
          {"month":"2026-10-01","company":"株式会社データ解析","spend":99.999,"mqls":-3,"lead_to_mql_rate":0.0,"note":""},
          {"month":"2026-10-01","company":"🚀 Rocket, \"Inc\"\nBerlin","spend":12.0,"mqls":0,"lead_to_mql_rate":0.05,"note":""},
          {"month":"2026-10-01","company":"=HYPERLINK(\"x\")","spend":1e-7,"mqls":1,"lead_to_mql_rate":0.5,"note":""}
        ]
        "#);
    let twice = ResultSet::new(["id", "id"], vec![vec![Cell::from(1), Cell::Blob(vec![0, 255])]]);
    assert_snapshot!(shown(&twice, Shape::Ndjson, &style), @"{\"id\":1,\"id_2\":\"00ff\"}");
    let empty = ResultSet::new(["id"], vec![]);
    assert_eq!(shown(&empty, Shape::Json, &style), "[]\n");
    assert_eq!(shown(&empty, Shape::Csv, &style), "id\n");
}

#[test]
fn pages() {
    let style = Style::default();
    assert_snapshot!(shown(&sample(), Shape::Markdown, &style), @r#"
        | month | company | spend | mqls | lead_to_mql_rate | note |
        | --- | --- | ---: | ---: | ---: | --- |
        | 2026-10-01 | İğdır Yazılım A.Ş. | 1,234,567.50 | 1,200 | 12.3% |  |
        | 2026-10-01 | شركة البيانات | -0.50 | 7 | – |  |
        | 2026-10-01 | Ελληνική Εταιρεία \| α | 0.00 | – | 100.0% |  |
        | 2026-10-01 | 株式会社データ解析 | 100.00 | -3 | 0.0% |  |
        | 2026-10-01 | 🚀 Rocket, "Inc"<br>Berlin | 12.00 | 0 | 5.0% |  |
        | 2026-10-01 | =HYPERLINK("x") | 0.00 | 1 | 50.0% |  |
        "#);
    let html = shown(&sample(), Shape::Html, &style);
    let (_, body) = html.split_once("<table>").unwrap();
    assert_snapshot!(body, @r#"

        <thead><tr><th>month</th><th>company</th><th class="number">spend</th><th class="number">mqls</th><th class="number">lead_to_mql_rate</th><th>note</th></tr></thead>
        <tbody>
        <tr><td>2026-10-01</td><td>İğdır Yazılım A.Ş.</td><td class="number">1,234,567.50</td><td class="number">1,200</td><td class="number">12.3%</td><td></td></tr>
        <tr><td>2026-10-01</td><td>شركة البيانات</td><td class="number">-0.50</td><td class="number">7</td><td class="number null">–</td><td></td></tr>
        <tr><td>2026-10-01</td><td>Ελληνική Εταιρεία | α</td><td class="number">0.00</td><td class="number null">–</td><td class="number">100.0%</td><td></td></tr>
        <tr><td>2026-10-01</td><td>株式会社データ解析</td><td class="number">100.00</td><td class="number">-3</td><td class="number">0.0%</td><td></td></tr>
        <tr><td>2026-10-01</td><td>🚀 Rocket, &quot;Inc&quot;<br>Berlin</td><td class="number">12.00</td><td class="number">0</td><td class="number">5.0%</td><td></td></tr>
        <tr><td>2026-10-01</td><td>=HYPERLINK(&quot;x&quot;)</td><td class="number">0.00</td><td class="number">1</td><td class="number">50.0%</td><td></td></tr>
        </tbody>
        </table>
        </body>
        </html>
        "#);
}

#[test]
fn each_row_has_its_unit() {
    let row = |kpi: &str, unit: &str, value: f64, change: f64| {
        vec![Cell::from(kpi), Cell::from(unit), Cell::Real(value), Cell::Real(change)]
    };
    let scorecard = ResultSet::new(
        ["kpi", "unit", "value", "change"],
        vec![
            row("cac", "money", 1234.5, 0.1),
            row("win_rate", "rate", 0.3333, -0.25),
            row("mqls", "count", 1234.0, 0.0),
            row("average_sales_cycle_days", "days", 45.25, 1.5),
        ],
    );
    assert_snapshot!(shown(&scorecard, Shape::Table, &Style::default()), @r"
        kpi                       unit      value  change
        ────────────────────────  ─────  ────────  ──────
        cac                       money  1,234.50   10.0%
        win_rate                  rate      33.3%  -25.0%
        mqls                      count     1,234    0.0%
        average_sales_cycle_days  days      45.25  150.0%
        ");
}

#[test]
fn flags_are_yes_or_no_to_people_only() {
    let result =
        ResultSet::new(["is_mature", "id"], vec![vec![Cell::from(1), Cell::from(1234)], vec![Cell::Null; 2]]);
    assert_snapshot!(shown(&result, Shape::Table, &Style::default()), @r"
        is_mature    id
        ─────────  ────
        yes        1234
        –             –
        ");
    assert_eq!(shown(&result, Shape::Csv, &Style::default()), "is_mature,id\n1,1234\n,\n");
}

#[test]
fn charts() {
    let series = ResultSet::new(
        ["month", "mqls"],
        (1..=6).map(|n| vec![Cell::from(format!("2026-0{n}-01")), Cell::from(n * n - 4)]).collect(),
    );
    let style = Style { chart: Some(Chart::Auto), ..Style::default() };
    assert_snapshot!(shown(&series, Shape::Table, &style), @r"
        month       mqls  chart
        ──────────  ────  ────────────────────
        2026-01-01    -3  -█▉
        2026-02-01     0
        2026-03-01     5  ███▏
        2026-04-01    12  ███████▌
        2026-05-01    21  █████████████▏
        2026-06-01    32  ████████████████████
        ");
    let matrix = ResultSet::new(
        ["kpi", "2026-08", "2026-09", "2026-10"],
        vec![vec![Cell::from("mqls"), Cell::from(1), Cell::Null, Cell::from(9)]],
    );
    assert_snapshot!(shown(&matrix, Shape::Table, &style), @r"
        kpi   2026-08  2026-09  2026-10  chart
        ────  ───────  ───────  ───────  ─────
        mqls        1  –              9  ▂ █
        ");
    let cohorts = ResultSet::new(
        ["cohort", "people", "within_0_months_rate", "within_1_months_rate", "within_12_months_rate"],
        vec![vec![Cell::from("2026-01"), Cell::from(50), Cell::Real(0.1), Cell::Real(0.2), Cell::Real(0.4)]],
    );
    assert!(shown(&cohorts, Shape::Table, &style).ends_with("40.0%  ▃▅█\n"));
    assert_eq!(shown(&matrix, Shape::Csv, &style), "kpi,2026-08,2026-09,2026-10\nmqls,1,,9\n");
}

/// Read back by the library that reads people's workbooks.
#[test]
fn workbook() {
    use calamine::{Data, Reader, Xlsx};
    let mut bytes = Vec::new();
    write(&sample(), Shape::Xlsx, &Style::default(), &mut bytes).unwrap();
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("Result").unwrap();
    assert_eq!(sheet.get((0, 1)), Some(&Data::String("company".to_owned())));
    assert!(matches!(sheet.get((1, 0)), Some(Data::DateTime(_))), "{:?}", sheet.get((1, 0)));
    assert_eq!(sheet.get((1, 1)), Some(&Data::String("İğdır Yazılım A.Ş.".to_owned())));
    assert_eq!(sheet.get((1, 2)), Some(&Data::Float(1234567.5)));
    assert_eq!(sheet.get((6, 1)), Some(&Data::String("=HYPERLINK(\"x\")".to_owned())), "text, not a formula");
    assert!(matches!(sheet.get((3, 3)), None | Some(Data::Empty)), "{:?}", sheet.get((3, 3)));
    // a spreadsheet keeps fifteen digits of a number
    let ids = [999_999_999_999_999, 1_000_000_000_000_001];
    let result = ResultSet::new(["deal_id"], ids.map(|id| vec![Cell::Integer(id)]).to_vec());
    let mut bytes = Vec::new();
    write(&result, Shape::Xlsx, &Style::default(), &mut bytes).unwrap();
    let sheet = Xlsx::new(std::io::Cursor::new(bytes)).unwrap().worksheet_range("Result").unwrap();
    assert_eq!(sheet.get((1, 0)), Some(&Data::Float(999_999_999_999_999.0)));
    assert_eq!(sheet.get((2, 0)), Some(&Data::String("1000000000000001".to_owned())));
}

proptest! {
    /// Another program reads back what was written, whatever the text.
    #[test]
    fn csv_and_json_read_back(texts in prop::collection::vec(".*", 1..6)) {
        let names: Vec<String> = (0..texts.len()).map(|n| format!("c{n}")).collect();
        let result = ResultSet::new(names, vec![texts.iter().map(|text| Cell::from(text.as_str())).collect()]);
        let exact = Style { guard: false, ..Style::default() };
        for (shape, delimiter) in [(Shape::Csv, b','), (Shape::Tsv, b'\t')] {
            let written = shown(&result, shape, &exact);
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(written.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!(rows[0].iter().collect::<Vec<_>>(), texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let json: serde_json::Value = serde_json::from_str(&shown(&result, Shape::Json, &exact)).unwrap();
        for (n, text) in texts.iter().enumerate() {
            prop_assert_eq!(json[0][format!("c{n}")].as_str().unwrap(), text);
        }
    }

    /// No line of a table is wider than the terminal, and none breaks.
    #[test]
    fn tables_fit(
        rows in prop::collection::vec(prop::collection::vec("\\PC{0,30}|[a-zığ株 🚀\n\t]{0,60}", 4), 0..5),
        numbers in prop::collection::vec(any::<f64>(), 5),
        width in 1usize..120,
    ) {
        let rows: Vec<Vec<Cell>> = rows
            .iter()
            .zip(&numbers)
            .map(|(row, number)| {
                let texts = row.iter().map(|text| Cell::from(text.as_str()));
                texts.chain([Cell::Real(*number)]).collect()
            })
            .collect();
        let count = rows.len();
        let result = ResultSet::new(["one", "two", "three", "four", "five"], rows);
        let mut bytes = Vec::new();
        write(&result, Shape::Table, &Style { width: Some(width), ..Style::default() }, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(text.lines().count(), count + 2);
        for line in text.lines() {
            prop_assert!(line.width() <= width, "{} > {}: {:?}", line.width(), width, line);
        }
    }
}
