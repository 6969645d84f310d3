#!/usr/bin/env python3
"""CPU time of importing large exports, as a ratio to `sqlite3 .import` of the same file.

    cargo build --release
    python3 benches/import.py                      # 200k ad rows, 50k contacts, 10k deals
    python3 benches/import.py --scale 10 ads       # 2M ad rows
    python3 benches/import.py --binary target/debug/funnelite contacts

For each kind of file: the first import, the same file again, a later file with 1 % of the rows changed, peak
memory, and the size of the database against the file. Files are invented, the same every time, and kept in
`target/bench`. `sqlite3` loads every cell as text into a table without a key, which is the least one can do.
"""

import argparse
import datetime
import os
import pathlib
import random
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIRST_DAY = datetime.date(2024, 1, 1)
SOURCES = ["Organic Search", "Paid Search", "Paid Social", "Direct Traffic", "Email Marketing", "Referrals"]
LIFECYCLE = ["Subscriber", "Lead", "Marketing Qualified Lead", "Sales Qualified Lead", "Opportunity", "Customer"]
STAGES = ["Appointment Scheduled", "Qualified To Buy", "Contract Sent", "Closed Won", "Closed Lost"]


def write_ads(path, rows, part, later):
    """Google Ads, ad groups by day; `part` of the days from the end, `later` raises the conversions."""
    groups = 1000
    days = max(rows // groups, 2)
    last = FIRST_DAY + datetime.timedelta(days=days - 1)
    shown = max(int(days * part), 1)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        first = last - datetime.timedelta(days=shown - 1)
        out.write(f'Ad group report\n"{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}"\n')
        out.write("Day,Ad group status,Ad group,Campaign,Campaign type,Currency code,Impr.,CTR,Cost,Clicks,"
                  "Conversions,Avg. CPC\n")
        for offset in range(shown):
            day = first + datetime.timedelta(days=offset)
            chance = random.Random(day.toordinal())
            for group in range(groups):
                clicks = chance.randrange(1, 400)
                shows = clicks * chance.randrange(12, 60)
                cents = clicks * chance.randrange(60, 420)
                conversions = clicks * chance.randrange(0, 9) + later
                out.write(f"{day},Enabled,Ad group {group:05d} exact,Campaign {group // 8:04d} – Search DE,Search,EUR,"
                          f'"{shows:,}",{100 * clicks / shows:.2f}%,{cents / 100:.2f},{clicks},'
                          f"{conversions / 100:.2f},{cents / clicks / 100:.2f}\n")


def write_contacts(path, rows, part, later):
    """HubSpot contacts with 40 columns; `part` of the people are one stage further when `later`."""
    header = ["Record ID", "First Name", "Last Name", "Email", "Company name", "Lifecycle Stage", "Contact owner",
              "Create Date", "Original Traffic Source", "Original Traffic Source Drill-Down 1",
              "Original Traffic Source Drill-Down 2", "Latest Traffic Source", "Country/Region", "Job Title"]
    header += [f'Date entered "{stage} (Lifecycle Stage Pipeline)"' for stage in LIFECYCLE[1:]]
    header += [f"Custom property {i}" for i in range(40 - len(header))]
    quote = lambda cells: ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"
    moved = 0 if not later else int(rows * part)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(quote(header))
        for number in range(rows if not later else moved):
            chance = random.Random(number)
            created = datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=chance.randrange(0, 900_000))
            reached = min(int(chance.expovariate(0.7)), 4) + (1 if later else 0)
            dates = [f"{created + datetime.timedelta(days=3 * i + 1):%Y-%m-%d %H:%M}" if i < reached else ""
                     for i in range(5)]
            source = chance.choice(SOURCES)
            out.write(quote([str(105_000_000_000 + number), f"Ayşe{number % 900}", f"Müller{number % 7000}",
                             f"person{number}@firm{number // 3}.example", f"Firm {number // 3} GmbH",
                             LIFECYCLE[reached], f"Owner {number % 12}", f"{created:%Y-%m-%d %H:%M}", source,
                             f"campaign {number % 40}", "google / cpc", source, "Germany", "Head of Something"]
                            + dates + [f"value {(number * 7 + i) % 500}" for i in range(40 - 19)]))


def write_deals(path, rows, part, later):
    """HubSpot deals; `part` of them are won when `later`."""
    header = ["Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Currency", "Deal Type", "Create Date",
              "Close Date", "Is Closed Won", "Is Deal Closed?", "Deal owner", "Associated Company IDs (Primary)",
              "Associated Contact IDs"]
    header += [f'Date entered "{stage} (Sales Pipeline)"' for stage in STAGES]
    quote = lambda cells: ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(quote(header))
        for number in range(rows if not later else max(int(rows * part), 1)):
            chance = random.Random(number)
            created = datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=chance.randrange(0, 900_000))
            closed = created + datetime.timedelta(days=chance.randrange(10, 120))
            stage = 3 if later else chance.randrange(0, 5)
            dates = [f"{created + datetime.timedelta(days=i):%Y-%m-%d %H:%M}" if i <= min(stage, 2) else ""
                     for i in range(3)]
            dates += [f"{closed:%Y-%m-%d %H:%M}" if stage == i else "" for i in (3, 4)]
            out.write(quote([str(52_000_000_000 + number), f"Firm {number} – Platform", "Sales Pipeline",
                             STAGES[stage], str(chance.randrange(20, 900) * 50), "EUR", "New Business",
                             f"{created:%Y-%m-%d %H:%M}", f"{closed:%Y-%m-%d} 00:00", str(stage == 3).lower(),
                             str(stage >= 3).lower(), f"Owner {number % 12}", str(31_000_000_000 + number),
                             str(105_000_000_000 + 5 * number)] + dates))


# kind: writer, rows at scale 1, lines before the header, name as downloaded
KINDS = {
    "ads": (write_ads, 200_000, 2, "Ad group report-{}.csv"),
    "contacts": (write_contacts, 50_000, 0, "hubspot-crm-exports-all-contacts-{}.csv"),
    "deals": (write_deals, 10_000, 0, "hubspot-crm-exports-all-deals-{}.csv"),
}


def measure(command, **kwargs):
    """CPU seconds and peak megabytes of a command that must succeed."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kwargs)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {child.returncode}:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run_kind(kind, scale, binary):
    write, rows, preamble, name = KINDS[kind]
    rows = int(rows * scale)
    folder = ROOT / "target" / "bench" / f"{kind}-{rows}"
    folder.mkdir(parents=True, exist_ok=True)
    first, later = folder / name.format("2026-02-02"), folder / name.format("2026-02-09")
    if not later.exists():
        write(first, rows, 1.0, 0)
        write(later, rows, 0.01, 1)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        plain = pathlib.Path(temporary) / "plain.db"
        sqlite, _ = measure(["sqlite3", plain, ".mode csv", f'.import --skip {preamble} "{first}" t'])
        database = pathlib.Path(temporary) / "funnel.db"
        load = lambda path: measure([binary, "--db", database, "--quiet", "import", path])
        cpu, memory = load(first)
        again, _ = load(first)
        size = database.stat().st_size / first.stat().st_size
        week, _ = load(later)
    megabytes = first.stat().st_size / 1e6
    print(f"{kind:9} {rows:>9,} {megabytes:>7.0f} {sqlite:>9.2f} {cpu / sqlite:>8.2f} {again / sqlite:>8.3f} "
          f"{week / cpu:>8.3f} {memory:>8.0f} {size:>8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="ads|contacts|deals", help="which files; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of the default sizes")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "funnelite"))
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"there is no kind `{unknown[0]}`; there are {', '.join(KINDS)}")
    print("file           rows      MB  sqlite s   import    again     1 %  peak MB  db size")
    print("                                      (÷ sqlite) (÷ sqlite) (÷ first)     (÷ file)")
    for kind in options.kinds or KINDS:
        run_kind(kind, options.scale, options.binary)


if __name__ == "__main__":
    main()
