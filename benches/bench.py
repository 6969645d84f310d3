#!/usr/bin/env python3
"""What importing and asking cost: CPU time beside wall time, as ratios to `sqlite3 .import` of the same file in the same run.

    cargo build --release
    python3 benches/bench.py                       # 2M ad rows, 500k contacts, 100k deals, 60 weeks, the named queries
    python3 benches/bench.py --scale 0.1 ads deals # a tenth of the rows, two kinds only
    python3 benches/bench.py --runs 1 --binary target/debug/funnelite contacts

For each kind of file: the first import, the same file again, a later file of the 1 % of the rows that changed, all rows
of that later day, peak memory, and the size of the database (kept exports included) against the file. `weeks` imports a folder for each of 60 weeks and
compares the last with the same folders into an empty database. `questions` asks every named query with its defaults on
all three kinds of data in one database. `answers` asks the views what people ask, beside the same questions to DuckDB
over the exports as they are, in tables of its own. Whether cost per row stays the same and memory flat, `--scale 0.25`,
`1` and `4` show. Figures are medians over the runs. Files are invented, the same every time, and
kept in `target/bench`. `--weeks 156` takes three years of folders instead. `sqlite3` loads every cell as text into a table without a key, which is the least one can do.
Where Python's `duckdb` is installed it loads the same files too, into tables of its own and, where its SQLite extension
is there, into an attached SQLite file.
"""

import argparse
import datetime
import os
import pathlib
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

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
    "ads": (write_ads, 2_000_000, 2, "Ad group report-{}.csv"),
    "contacts": (write_contacts, 500_000, 0, "hubspot-crm-exports-all-contacts-{}.csv"),
    "deals": (write_deals, 100_000, 0, "hubspot-crm-exports-all-deals-{}.csv"),
}
FIRST, LATER = "2026-02-02", "2026-02-09"


def measure(command, **kwargs):
    """CPU seconds, wall seconds and peak megabytes of a command that must succeed."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kwargs)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {child.returncode}:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def median(runs):
    """The median of each figure."""
    return [statistics.median(figures) for figures in zip(*runs)]


def files_of(kind, scale):
    """The file of a kind, what changed a week later, and the whole of it then, written where they are not there yet."""
    write, rows, _, name = KINDS[kind]
    rows = int(rows * scale)
    folder = ROOT / "target" / "bench" / f"{kind}-{rows}"
    folder.mkdir(parents=True, exist_ok=True)
    first, later, whole = folder / name.format(FIRST), folder / name.format(LATER), folder / "whole" / name.format(LATER)
    if not later.exists():
        write(first, rows, 1.0, 0)
        write(later, rows, 0.01, 1)
    if not whole.exists():
        whole.parent.mkdir(exist_ok=True)
        with open(whole, "wb") as out, open(first, "rb") as old, open(later, "rb") as new:
            # of a list its first records change, of a report its last days
            changed = new.readlines()[1 + KINDS[kind][2]:]
            place = rows - len(changed) if kind == "ads" else 0
            for number, line in enumerate(old, -1 - KINDS[kind][2]):
                out.write(changed[number - place] if place <= number < place + len(changed) else line)
    return rows, first, later, whole


DUCKDB = """
import duckdb, sys
path, skip, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if target.endswith(".duckdb"):
    con, into = duckdb.connect(target), "t"
else:
    con, into = duckdb.connect(), "s.t"
    con.execute("load sqlite")
    con.execute(f"attach '{target}' as s (type sqlite)")
con.execute("set threads = 1")
con.execute(f"create table {into} as select * from read_csv('{path}', skip = {skip}, header = true, all_varchar = false)")
"""


def duckdb_ratio(path, skip, target, sqlite):
    """What DuckDB needs for the same file, or a dash where it cannot."""
    command = [sys.executable, "-c", DUCKDB, str(path), str(skip), str(target)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        return "–"
    pathlib.Path(target).unlink(missing_ok=True)
    return f"{measure(command)[0] / sqlite:.2f}"


def run_kind(kind, scale, runs, binary):
    rows, first, later, whole = files_of(kind, scale)
    preamble = KINDS[kind][2]
    figures = []
    with tempfile.TemporaryDirectory(dir=first.parent) as temporary:
        for _ in range(runs):
            plain, database = pathlib.Path(temporary) / "plain.db", pathlib.Path(temporary) / "funnel.db"
            plain.unlink(missing_ok=True), database.unlink(missing_ok=True)
            sqlite, *_ = measure(["sqlite3", plain, ".mode csv", f'.import --skip {preamble} "{first}" t'])
            load = lambda path: measure([binary, "--db", database, "--quiet", "import", path])
            cpu, wall, memory = load(first)
            again, *_ = load(first)
            size = database.stat().st_size / first.stat().st_size
            shutil.copy(database, pathlib.Path(temporary) / "before.db")
            week, *_ = load(later)
            shutil.copy(pathlib.Path(temporary) / "before.db", database)
            full, *_ = load(whole)
            figures.append((sqlite, cpu / sqlite, wall / cpu, again / sqlite, week / cpu, full / cpu, memory, size))
        sqlite, cpu, wall, again, week, full, memory, size = median(figures)
        native = duckdb_ratio(first, preamble, pathlib.Path(temporary) / "t.duckdb", sqlite)
        attached = duckdb_ratio(first, preamble, pathlib.Path(temporary) / "t.sqlite", sqlite)
    megabytes = first.stat().st_size / 1e6
    print(f"{kind:9}{rows:>10,}{megabytes:>6.0f}{sqlite:>9.2f}{cpu:>9.2f}{cpu * wall:>7.2f}{again:>8.3f}{week:>8.3f}{full:>8.2f}"
          f"{memory:>9.0f}{size:>9.2f}{native:>9}{attached:>10}", flush=True)


WEEKLY_GROUPS, WEEKLY_CONTACTS, WEEKLY_DEALS = 200, 1500, 100
LAST = 5


def write_week(folder, week):
    """A mid-size company's week: fourteen days of ads, the contacts and deals that changed."""
    folder.mkdir(parents=True)
    last = FIRST_DAY + datetime.timedelta(days=7 * week + 13)
    first = last - datetime.timedelta(days=13)
    chance = random.Random(week)
    with open(folder / f"Ad group report-{last}.csv", "w", encoding="utf-8", newline="\n") as out:
        out.write(f'Ad group report\n"{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}"\n')
        out.write("Day,Ad group,Campaign,Campaign type,Currency code,Impr.,Cost,Clicks,Conversions\n")
        for offset in range(14):
            for group in range(WEEKLY_GROUPS):
                clicks = chance.randrange(1, 400)
                out.write(f"{first + datetime.timedelta(days=offset)},Group {group:04d},Campaign {group // 8:03d},Search,EUR,"
                          f"{clicks * 31},{clicks * 2.5:.2f},{clicks},{clicks * 0.04:.2f}\n")
    people = range(week * WEEKLY_CONTACTS // 2, week * WEEKLY_CONTACTS // 2 + WEEKLY_CONTACTS)
    with open(folder / f"hubspot-crm-exports-contacts-{last}.csv", "w", encoding="utf-8", newline="\n") as out:
        out.write("Record ID,Email,Company name,Lifecycle Stage,Create Date,Original Traffic Source\n")
        for person in people:
            created = first + datetime.timedelta(days=person % 7)
            stage = LIFECYCLE[min(int(random.Random(person + week).expovariate(0.7)), 5)]
            out.write(f"{105_000_000_000 + person},p{person}@firm{person // 3}.example,Firm {person // 3},{stage},"
                      f"{created} 09:30,{SOURCES[person % 6]}\n")
    with open(folder / f"hubspot-crm-exports-deals-{last}.csv", "w", encoding="utf-8", newline="\n") as out:
        out.write("Record ID,Deal Name,Pipeline,Deal Stage,Amount,Currency,Create Date,Close Date,Associated Contact IDs\n")
        for deal in range(week * WEEKLY_DEALS // 2, week * WEEKLY_DEALS // 2 + WEEKLY_DEALS):
            created = first + datetime.timedelta(days=deal % 7)
            out.write(f"{52_000_000_000 + deal},Deal {deal},Sales Pipeline,{STAGES[(deal + week) % 5]},{deal % 90 * 100 + 500},"
                      f"EUR,{created} 10:00,{created + datetime.timedelta(days=40)} 00:00,"
                      f"{105_000_000_000 + week * WEEKLY_CONTACTS // 2 + deal % WEEKLY_CONTACTS}\n")


def run_weeks(binary, weeks):
    """Weekly folders one after another; the last ones against the same folders into an empty database."""
    root = ROOT / "target" / "bench" / f"weeks-{weeks}"
    if not root.exists():
        partial = root.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for week in range(weeks):
            write_week(partial / f"week-{week:03d}", week)
        partial.rename(root)
    folders = sorted(root.iterdir())
    # the folders of three years reach beyond today
    environment = {**os.environ, "FUNNELITE_TODAY": str(FIRST_DAY + datetime.timedelta(days=7 * weeks + 14))}
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        def load(database, folder):
            command = [binary, "--db", f"{temporary}/{database}.db", "--quiet", "import", folder]
            return measure(command, env=environment)[0]
        all_weeks = [load("all", folder) for folder in folders]
        last = statistics.median(all_weeks[-LAST:])
        alone = statistics.median(load(folder.name, folder) for folder in folders[-LAST:])
        together = load("together", root)
    print(f"weeks: {weeks} folders in {sum(all_weeks):.2f} s, in one import {together:.2f} s; one of the last {last:.3f} s, "
          f"alone {alone:.3f} s: {last / alone:.2f} times as much", flush=True)


# what queries call that DuckDB has under other names
MACROS = [
    "julianday(d) as (epoch(cast(d as timestamp)) / 86400.0 + 2440587.5)",
    "date_plus(d, m) as (strftime(cast(d as timestamp) + cast(replace(m, '+', '') as interval), '%Y-%m-%d'))",
]


def duckdb_tables(database, connection):
    """The tables and views in DuckDB, one thread; nothing where Python has no DuckDB."""
    try:
        import duckdb
    except ImportError:
        return None
    import views

    duck = duckdb.connect()
    duck.execute("set threads = 1")
    views.copy_tables(str(database), connection, duck)
    views.create_views(duck, views.texts(connection), "a copy")
    for macro in MACROS:
        duck.execute(f"create temp macro {macro}")
    return duck


def default_values(sql, connection):
    """What a query's parameters are where nobody gives them, by its header."""
    values = {}
    for name, about in re.findall(r"^-- :(\w+)\s+(.*)$", sql, re.M):
        default = re.search(r"default ([^,]+)", about)
        default = default and default[1]
        last = re.match(r"last-(?:(\d+)-)?\{?(\w+?)\}?s?$", default or "")
        if last:
            spans = connection.execute(
                "select starts, ends from periods where grain = ? and is_complete = 1 order by starts desc limit ?",
                (last[2].replace("grain", "month"), int(last[1] or 1))).fetchall()
            values[name], values[f"{name}_ends"] = spans[0][1] if name == "to" else spans[-1][0], spans[0][1]
        else:
            values[name] = int(default) if default and default.isdigit() else default
    return values


def best_of(run):
    """The CPU milliseconds of the best of three runs."""
    best = []
    for _ in range(3):
        before = time.process_time()
        run()
        best.append(1000 * (time.process_time() - before))
    return min(best)


def duckdb_question(duck, sql, values):
    """What DuckDB needs for a query, or a dash where it does not run there."""
    text = re.sub(r"--.*", "", sql)
    names = set(re.findall(r"(?<![\w:']):([a-z_]+)", text))
    text = re.sub(r"(?<![\w:']):([a-z_]+)", r"$\1", text)
    text = re.sub(r"\bdate\((?=[^()]*,)", "date_plus(", text)
    try:
        return best_of(lambda: duck.execute(text, {name: values.get(name) for name in names}).fetchall())
    except Exception:
        return None


def all_data(scale, binary):
    """A database with the first file of each kind, brought up to date."""
    database = ROOT / "target" / "bench" / f"questions-{scale}" / "funnel.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        measure([binary, "--db", database, "--quiet", "import", files_of(kind, scale)[1]])
    return database


def run_answers(scale, binary):
    """What people ask, of the views and of DuckDB over the exports as they are, each in an open connection."""
    from answers import QUESTIONS
    try:
        import duckdb
    except ImportError:
        return print("answers: DuckDB is not installed")
    connection = sqlite3.connect(f"file:{all_data(scale, binary)}?mode=ro", uri=True)
    duck = duckdb.connect()
    for kind in KINDS:
        path, skip = files_of(kind, scale)[1], KINDS[kind][2]
        duck.execute(f"create table {kind} as select * from read_csv('{path}', skip = {skip}, header = true)")

    def sums(cursor, checked):
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        return [float(sum(row[names.index(name)] or 0 for row in rows)) for name in checked]

    threads = os.cpu_count()
    print(f"answers: ms of CPU in an open connection; DuckDB over the raw exports with 1 and with {threads} threads")
    print(f"  {'':58}{'':>7}{'DuckDB':>8}{'(÷)':>7}{'DuckDB':>8}{'(÷)':>7}  sums of")
    for title, ours, theirs, checked in QUESTIONS:
        cpu = best_of(lambda: connection.execute(ours).fetchall())
        line = f"  {title:58}{cpu:7.1f}"
        for count in (1, threads):
            duck.execute(f"set threads = {count}")
            their_cpu = best_of(lambda: duck.execute(theirs).fetchall())
            line += f"{their_cpu:8.1f}{cpu / their_cpu:7.2f}"
        both = zip(sums(connection.execute(ours), checked), sums(duck.execute(theirs), checked))
        agree = all(abs(a - b) <= 1e-6 * max(abs(a), abs(b)) for a, b in both)
        print(f"{line}  {', '.join(checked)}: {'ok' if agree else 'differs'}", flush=True)


def run_questions(scale, binary):
    """Every named query with its defaults, and what a spreadsheet would read, on all data in one database; beside it
    the same statement in DuckDB, over the same tables as tables of its own."""
    database = all_data(scale, binary)
    listed = subprocess.run([binary, "--db", database, "query", "--list", "--format", "csv"], capture_output=True, text=True)
    names = [line.split(",")[0] for line in listed.stdout.splitlines()[1:]]
    start, *_ = median([measure([binary, "--db", database, "query", "--list"]) for _ in range(5)])
    print(f"questions: start-up {1000 * start:.0f} ms; beyond it, in ms of CPU:")
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    duck = duckdb_tables(database, connection)
    rows = []
    for name in names:
        needed = subprocess.run([binary, "--db", database, "--quiet", "query", name], capture_output=True).returncode
        if needed != 0:
            continue  # asks for a parameter
        cpu, *_ = median([measure([binary, "--db", database, "--quiet", "query", name]) for _ in range(3)])
        sql = (ROOT / "sql" / "queries" / f"{name}.sql").read_text()
        theirs = duckdb_question(duck, sql, default_values(sql, connection)) if duck else None
        rows.append((1000 * (cpu - start), name, theirs))
    for view in ("kpi_weekly", "kpi_monthly", "kpi_quarterly", "kpi_yearly"):
        sql = f"select * from {view}"
        cpu = best_of(lambda: connection.execute(sql).fetchall())
        rows.append((cpu, sql, duckdb_question(duck, sql, {}) if duck else None))
    print(f"  {'':28}{'':>7}{'DuckDB':>9}{'(÷)':>7}")
    for cpu, name, theirs in sorted(rows, reverse=True, key=lambda row: row[0]):
        theirs = f"{theirs:9.0f}{cpu / theirs:7.2f}" if theirs else f"{'–':>9}{'–':>7}"
        print(f"  {name:28}{max(cpu, 0):7.0f}{theirs}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND",
                        help="ads, contacts, deals, weeks, questions, answers; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of the default sizes")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--weeks", type=int, default=60, help="weekly folders; three years are 156")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "funnelite"))
    options = parser.parse_args()
    known = [*KINDS, "weeks", "questions", "answers"]
    unknown = [kind for kind in options.kinds if kind not in known]
    if unknown:
        parser.error(f"there is no kind `{unknown[0]}`; there are {', '.join(known)}")
    wanted = options.kinds or known
    if set(wanted) & set(KINDS):
        print("file           rows    MB sqlite s   import   wall   again     1 %   whole  peak MB  db size   duckdb  duckdb to")
        print("                                  (÷ sqlite)  (÷)     (÷)   (÷ first, both)         (÷ file)      (÷)    sqlite")
    for kind in (k for k in KINDS if k in wanted):
        run_kind(kind, options.scale, options.runs, options.binary)
    if "weeks" in wanted:
        run_weeks(options.binary, options.weeks)
    if "questions" in wanted:
        run_questions(options.scale, options.binary)
    if "answers" in wanted:
        run_answers(options.scale, options.binary)


if __name__ == "__main__":
    main()
