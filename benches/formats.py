#!/usr/bin/env python3
"""What every known export costs when it is long: whatever grows faster than its rows shows here.

    cargo build --release
    python3 benches/formats.py                     # each fixture made 5,000 and 20,000 rows long
    python3 benches/formats.py --rows 2000 zoho_deals stripe_invoices
    python3 benches/formats.py --together          # all of them into one database, then 1 % of each

Alone, each file goes into a database of its own: CPU time per row of the shorter and of the longer one, and of 1 % of the
rows a week later. `--together` tells what a file costs where all the others are. Rows are those of the fixtures again and
again, with other numbers, addresses and days; files that say how many rows they have, or that have only a few by nature,
fail or are rejected in part, which is told. `<<<` marks what is worth a look.
"""

import argparse
import csv
import datetime
import io
import os
import pathlib
import re
import resource
import subprocess
import tempfile

from bench import ROOT

AS_OF = "2026-06-01", "2026-06-08"
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
# A cell like this in row 100,000 would be a day in the far future.
COUNTED = ("ga4_nth_day_sessions", "ga4_nth_day_users")


def read(path):
    """The text of a fixture and its encoding."""
    data = path.read_bytes()
    for mark, encoding in (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"):
        if data.startswith(mark):
            return data.decode(encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def another(cell, number):
    """The cell of a record like it."""
    def earlier(date):
        try:
            return (datetime.date(*map(int, date.groups())) - datetime.timedelta(days=number % 900)).isoformat()
        except ValueError:
            return date[0]

    if not cell or not number:
        return cell
    if "@" in cell and " " not in cell:
        return f"k{number}.{cell}"
    if DATE.search(cell):
        return DATE.sub(earlier, cell)
    if re.fullmatch(r"\d{4,}", cell):
        return str(int(cell) + 1000 * number)
    if re.fullmatch(r"\w{10,}", cell) and re.search(r"\d", cell):
        return f"{cell[:-7]}{number:07}" if len(cell) > 12 else f"{cell}{number}"
    return cell


def lengthened(path, rows):
    """The bytes of a fixture with so many rows; nothing where it has no table."""
    text, encoding = read(path)
    separator = max(",;\t", key=text.count)
    records = list(csv.reader(io.StringIO(text), delimiter=separator))
    width = max(map(len, records), default=0)
    header = next((at for at, record in enumerate(records) if len(record) >= max(2, width - 1)), None)
    body = [record for record in records[(header or 0) + 1:] if len(record) >= max(2, width - 2)]
    if header is None or not body:
        return None
    out = io.StringIO()
    lines = csv.writer(out, delimiter=separator, lineterminator="\n")
    lines.writerows(records[:header + 1])
    for at in range(rows):
        number, of = divmod(at, len(body))
        lines.writerow([another(cell, number) for cell in body[of]])
    return out.getvalue().encode(encoding, "replace")


def load(binary, database, path, as_of):
    """CPU seconds, and what went wrong."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run([binary, "--db", database, "import", "--as-of", as_of, path], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    message = (child.stderr or child.stdout).strip().splitlines() if child.returncode else [""]
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, message[0][-60:]


def alone(binary, folder, name, fixture, rows):
    seconds, wrong = [], ""
    for length in (rows, 4 * rows):
        database, path = folder / f"{length}.db", folder / f"{name}.csv"
        path.write_bytes(lengthened(fixture, length))
        spent, told = load(binary, database, path, AS_OF[0])
        seconds.append(spent)
        wrong = wrong or told
    path.write_bytes(lengthened(fixture, rows // 25))
    week, told = load(binary, database, path, AS_OF[1])
    for length in (rows, 4 * rows):
        (folder / f"{length}.db").unlink(missing_ok=True)
    short, long = (1e6 * spent / length for spent, length in zip(seconds, (rows, 4 * rows)))
    mark = "   <<<" if seconds[1] > 5 * seconds[0] + 0.2 or long > 40 or week > 0.3 else ""
    print(f"{name:44} {short:7.1f} {long:7.1f} us a row   1 % {1000 * week:5.0f} ms  {wrong or told}{mark}", flush=True)


def together(binary, folder, fixtures, rows):
    database = folder / "funnel.db"
    for length, as_of in zip((rows, rows // 100), AS_OF):
        for name, fixture in fixtures:
            path = folder / f"{name}.csv"
            path.write_bytes(lengthened(fixture, length))
            spent, told = load(binary, database, path, as_of)
            mark = "   <<<" if spent > (3 if length == rows else 1) else ""
            print(f"{name:44} {length:6} rows {spent:6.2f} s  {told}{mark}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="folders of tests/fixtures; all by default")
    parser.add_argument("--rows", type=int, default=5000, help="of the shorter file")
    parser.add_argument("--together", action="store_true", help="all into one database")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "funnelite"))
    args = parser.parse_args()
    if not os.access(args.binary, os.X_OK):
        raise SystemExit(f"{args.binary} is needed")
    fixtures = []
    for folder in sorted((ROOT / "tests" / "fixtures").iterdir()):
        files = sorted(folder.glob("*.csv"))
        is_wanted = folder.name in args.formats if args.formats else folder.name not in COUNTED
        if is_wanted and files and lengthened(files[0], 1):
            fixtures.append((folder.name, files[0]))
    with tempfile.TemporaryDirectory() as folder:
        if args.together:
            together(args.binary, pathlib.Path(folder), fixtures, args.rows)
            return
        for name, fixture in fixtures:
            alone(args.binary, pathlib.Path(folder), name, fixture, args.rows)


if __name__ == "__main__":
    main()
