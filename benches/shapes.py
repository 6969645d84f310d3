#!/usr/bin/env python3
"""What importing costs on files of other shapes than those of `bench.py`: columns in any order, ids at random, other
languages, encodings, separators, dates and systems.

    cargo build --release
    python3 benches/shapes.py              # 100,000 rows each, ads 200,000
    python3 benches/shapes.py --scale 0.1 --runs 1 --binary target/debug/funnelite

For each file CPU time against `sqlite3 .import` of the same file in the same run, the same for a later file that shows
1 % of the rows changed against the first import, peak memory, and the database against the file. Files are invented, the
same every time, and kept in `target/bench/shapes`.
"""

import argparse
import csv
import datetime
import os
import pathlib
import random
import shutil
import tempfile

from bench import LIFECYCLE, ROOT, SOURCES, STAGES, measure, median

FIRST_NAMES = "Anna Bert Clara Dirk Eva Falk Gül Hasan Inés Jörg Kaya Lars Mia Nuno Olga Paul Rosa Sven Tim".split()
LAST_NAMES = "Müller Schmidt García Rossi Dupont Nielsen Silva Novak Weber Fischer Koch Bauer Lindt".split()
JOBS = ["Head of Marketing", "CTO", "Geschäftsführer", "Einkauf", "Data Engineer", "VP Sales"]
WORDS = "angebot termin kunde budget frage rückruf demo integration preis vertrag laufzeit klären".split()
CAMPAIGNS = [f"2025_q{quarter}_{kind}" for quarter in range(1, 5) for kind in ("brand", "generic", "webinar", "event")]
AS_OF = "2026-02-02", "2026-02-09"


def moment(chance):
    return datetime.datetime(2023, 1, 1) + datetime.timedelta(minutes=chance.randrange(0, 3 * 365 * 1440))


def note(chance, share):
    return " ".join(chance.choices(WORDS, k=chance.randrange(5, 30))) if chance.random() < share else ""


def entered(chance, day, count, reached):
    """The moments of `count` stages, of which `reached` were entered one after another."""
    days = []
    for stage in range(count):
        day += datetime.timedelta(minutes=chance.randrange(10, 40_000))
        days.append(day if stage < reached else None)
    return days


def hubspot_contact(chance, number, later):
    created, reached = moment(chance), min(5, int(chance.expovariate(0.7)))
    reached = min(5, reached + later)
    first, last, firm = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES), chance.randrange(25_000)
    row = {
        "Record ID": chance.randrange(10**9, 10**11), "First Name": first, "Last Name": last,
        "Email": f"{first}.{last}{number}@firm{firm}.example".lower(), "Company name": f"Firm {firm} GmbH",
        "Lifecycle Stage": LIFECYCLE[reached], "Contact owner": chance.choice(["Ana Lima", "Bo Li", ""]),
        "Create Date": created, "Original Traffic Source": chance.choice(SOURCES),
        "Original Traffic Source Drill-Down 1": chance.choice(CAMPAIGNS),
        "Original Traffic Source Drill-Down 2": chance.choice(["google / cpc", "linkedin", ""]),
        "Latest Traffic Source": chance.choice(SOURCES), "Country/Region": chance.choice(["Germany", "Spain", ""]),
        "Job Title": chance.choice(JOBS), "Lead Status": chance.choice(["New", "Open", "Unqualified", ""]),
    }
    days = entered(chance, created, 5, reached)
    row |= {f'Date entered "{stage} (Lifecycle Stage Pipeline)"': day for stage, day in zip(LIFECYCLE[1:], days)}
    row |= {
        "Phone Number": f"+49 {chance.randrange(10**9, 10**10)}", "City": chance.choice(["Berlin", "Ankara", ""]),
        "Notes": note(chance, 0.1), "Number of Pageviews": chance.randrange(1, 60), "Last Modified Date": created,
        "Score": f"{100 * chance.random():.2f}", "Website URL": f"https://firm{firm}.example/",
    }
    return row | {f"Custom {i}": chance.choice(["A", "B", ""]) for i in range(13)}


GERMAN = {
    "Record ID": "Datensatz-ID", "First Name": "Vorname", "Last Name": "Nachname", "Email": "E-Mail",
    "Company name": "Unternehmensname", "Lifecycle Stage": "Lifecycle-Phase", "Create Date": "Erstellungsdatum",
    "Country/Region": "Land/Region", "Job Title": "Position",
}


def german_contact(chance, number, later):
    return {GERMAN.get(name, name): cell for name, cell in hubspot_contact(chance, number, later).items()}


def hubspot_deal(chance, number, later):
    created, stage, firm = moment(chance), chance.choice([0, 0, 1, 2, 3, 4, 4]), chance.randrange(50_000)
    stage = 3 if later else stage
    days = entered(chance, created, 5, min(stage, 2) + 1)
    for end in (3, 4):
        days[end] = created + datetime.timedelta(days=90) if stage == end else None
    row = {
        "Record ID": chance.randrange(10**9, 10**11), "Deal Name": f"Firm {firm} – Platform",
        "Pipeline": chance.choice(["Sales Pipeline", "Partner"]), "Deal Stage": STAGES[stage],
        "Amount": f"{chance.randrange(5, 900) * 99.5:.2f}" if chance.random() < 0.9 else "", "Currency": "EUR",
        "Deal Type": chance.choice(["New Business", "Existing Business", ""]), "Create Date": created,
        "Close Date": created + datetime.timedelta(days=90), "Is Closed Won": str(stage == 3).lower(),
        "Is Deal Closed?": str(stage >= 3).lower(), "Deal owner": chance.choice(["Ana Lima", "Bo Li"]),
        "Associated Company IDs (Primary)": 31 * 10**9 + firm, "Associated Company (Primary)": f"Firm {firm} GmbH",
        "Deal Description": note(chance, 0.2), "Deal probability": chance.choice([0.2, 0.4, 0.8, 1.0]),
    }
    return row | {f'Date entered "{stage} (Sales Pipeline)"': day for stage, day in zip(STAGES, days)}


def pipedrive_deal(chance, number, later):
    created, status, firm = moment(chance), chance.choice(["Won", "Lost", "Open", "Open"]), chance.randrange(50_000)
    status = "Won" if later else status
    ended = created + datetime.timedelta(days=chance.randrange(5, 90))
    at = lambda *of: ended if status in of else None
    return {
        "Deal - ID": 20_000 + number, "Deal - Title": f"Deal {number}", "Deal - Value": chance.randrange(10, 900) * 50,
        "Deal - Currency of Value": "EUR", "Deal - Pipeline": "Sales",
        "Deal - Stage": chance.choice(["Qualified", "Demo", "Proposal"]), "Deal - Status": status,
        "Deal - Deal created": created, "Deal - Last stage change": ended, "Deal - Won time": at("Won"),
        "Deal - Lost time": at("Lost"), "Deal - Deal closed on": at("Won", "Lost"),
        "Deal - Lost reason": "Price" if status == "Lost" else "", "Deal - Owner": f"Sam {number % 5}",
        "Deal - Organization": f"Firm {firm} GmbH", "Deal - Contact person": f"Ana {firm}",
        "Person - Email - Work": f"ana{firm}@firm{firm}.example",
    }


def salesforce_opportunity(chance, number, later):
    created, stage, firm = moment(chance), 3 if later else chance.randrange(5), chance.randrange(50_000)
    return {
        "Id": f"0068a{number:010d}AAQ", "IsDeleted": 0, "AccountId": f"0018a{firm:010d}AAU", "Name": f"Firm {firm} - Lizenz",
        "StageName": ["Prospecting", "Qualification", "Proposal", "Closed Won", "Closed Lost"][stage],
        "Amount": f"{chance.randrange(5, 900) * 100}.0", "Probability": [10, 20, 50, 100, 0][stage],
        "CloseDate": (created + datetime.timedelta(days=60)).date(), "Type": chance.choice(["New Business", "Existing Business"]),
        "LeadSource": chance.choice(["Web", "Messe", ""]), "IsClosed": int(stage > 2), "IsWon": int(stage == 3),
        "CurrencyIsoCode": "EUR", "OwnerId": f"0058a{number % 9:010d}AAA", "CreatedDate": created,
        "LastStageChangeDate": created, "Description": note(chance, 0.2),
    }


def salesforce_lead(chance, number, later):
    created, converted, firm = moment(chance), later or chance.random() < 0.2, chance.randrange(30_000)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return {
        "Lead-ID": f"00Q8a{number:010d}AA1", "Vorname": first, "Nachname": last, "Firma/Account": f"Firm {firm} GmbH",
        "E-Mail": f"{first}.{last}{number}@firm{firm}.example", "Lead-Quelle": chance.choice(["Messe", "Webseite"]),
        "Lead-Status": "Konvertiert" if converted else "Neu", "Erstelldatum": created.date(),
        "Konvertiert": int(converted), "Konvertierungsdatum": created.date() if converted else None,
        "Telefon": f"0{chance.randrange(10**9)}", "Titel": chance.choice(JOBS),
    }


def german_number(number, places=2):
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))


def google_ads(chance, number, later):
    clicks, day = chance.randrange(1, 400), datetime.date(2024, 1, 1) + datetime.timedelta(days=number // 500)
    group = number % 500
    return {
        "Kosten": german_number(clicks * 2.37), "Kampagne": f"Kampagne {group // 8} Süd", "Klicks": clicks,
        "Anzeigengruppe": f"Gruppe {group} – weit", "Impr.": german_number(clicks * 31, 0),
        "Conversions": german_number(clicks * 0.04 + later), "Währungscode": "EUR", "Tag": day, "Kampagnentyp": "Suche",
    }


def meta_ads(chance, number, later):
    clicks, day = chance.randrange(1, 400), datetime.date(2024, 1, 1) + datetime.timedelta(days=number // 500)
    group = number % 500
    return {
        "Reporting starts": day, "Reporting ends": day, "Campaign name": f"Campaign {group // 8}, wide",
        "Campaign ID": 1_202_100_000_000 + group // 8, "Ad set name": f"Lookalike {group}, 1%",
        "Ad set ID": 1_202_200_000_000 + group, "Results": clicks // 9 + later,
        "Result indicator": "actions:offsite_conversion.fb_pixel_lead", "Amount spent (USD)": f"{clicks * 1.37:.2f}",
        "Impressions": clicks * 77, "Reach": clicks * 55, "Link clicks": clicks,
    }


# what it is: row, rows at scale 1, encoding, separator, how days and moments are written, lines before the header
ISO, DOTTED, SECONDS = ("%Y-%m-%d", "%Y-%m-%d %H:%M"), ("%d.%m.%Y", "%d.%m.%Y %H:%M"), ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
SHAPES = {
    "HubSpot contacts": (hubspot_contact, 100_000, "utf-8", ",", ISO, ""),
    "HubSpot contacts, German": (german_contact, 100_000, "cp1252", ";", DOTTED, ""),
    "Salesforce leads, German": (salesforce_lead, 100_000, "cp1252", ";", DOTTED, ""),
    "HubSpot deals": (hubspot_deal, 100_000, "utf-8", ",", ISO, ""),
    "Pipedrive deals": (pipedrive_deal, 100_000, "utf-8", ",", SECONDS, ""),
    "Salesforce opportunities": (salesforce_opportunity, 100_000, "latin-1", ",", SECONDS, ""),
    "Google Ads, German, UTF-16": (google_ads, 200_000, "utf-16", "\t", ISO, "Anzeigengruppenbericht\n1. Januar 2024 - 31. Dezember 2026\n"),
    "Meta Ads": (meta_ads, 200_000, "utf-8-sig", ",", ISO, ""),
}


def write(path, shape, scale, later):
    """The file, or a later one of 1 % of its rows, columns in an order that only chance gives."""
    row_of, rows, encoding, separator, (days, moments), above = SHAPES[shape]
    is_ads = rows > 100_000

    def written(cell):
        match cell:
            case None:
                return ""
            case datetime.datetime():
                return cell.strftime(moments)
            case datetime.date():
                return cell.strftime(days)
        # what the encoding lacks
        return str(cell).replace("–", "-") if encoding == "latin-1" else cell

    numbers = list(range(int(rows * scale)))
    if later:
        # reports show their last days again, lists any of their records
        numbers = numbers[-len(numbers) // 100:] if is_ads else sorted(random.Random(1).sample(numbers, len(numbers) // 100))
    with open(path, "w", encoding=encoding, newline="") as out:
        out.write(above)
        lines = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        order = None
        for number in numbers:
            row = row_of(random.Random(number), number, int(later))
            if order is None:
                order = random.Random(shape).sample(list(row), len(row))
                lines.writerow(order)
            lines.writerow([written(row[name]) for name in order])


def files_of(shape, scale):
    folder = ROOT / "target" / "bench" / "shapes" / f"{scale:g}"
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{shape} {as_of}.csv" for as_of in AS_OF]
    for later, path in enumerate(files):
        if not path.exists():
            write(path, shape, scale, bool(later))
    return files


def run_shape(shape, scale, runs, binary):
    first, later = files_of(shape, scale)
    separator, above = SHAPES[shape][3], SHAPES[shape][5]
    figures = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder) / "funnel.db"
            load = lambda path, as_of: measure([binary, "--db", str(database), "--quiet", "import", "--as-of", as_of, str(path)])
            plain = measure(["sqlite3", str(pathlib.Path(folder) / "plain.db"), ".mode csv",
                             f'.separator "{separator}"'.replace("\t", "\\t"),
                             f'.import --skip {above.count(chr(10))} "{first}" t'])
            whole = load(first, AS_OF[0])
            size = os.path.getsize(database) / os.path.getsize(first)
            week = load(later, AS_OF[1])
            figures.append((plain[0], whole[0], whole[0] / plain[0], week[0] / whole[0], whole[2], size))
    plain, whole, ratio, week, memory, size = median(figures)
    print(f"{shape:28} sqlite3 {plain:5.2f} s   import {whole:5.2f} s = {ratio:4.2f}   1 % {week:5.3f}   "
          f"{memory:4.0f} MB   database {size:4.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of the default sizes")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "funnelite"))
    args = parser.parse_args()
    for needed in (args.binary, "sqlite3"):
        if shutil.which(needed) is None:
            raise SystemExit(f"{needed} is needed")
    for shape in SHAPES:
        run_shape(shape, args.scale, args.runs, args.binary)


if __name__ == "__main__":
    main()
