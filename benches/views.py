#!/usr/bin/env python3
"""views.py DB: every public view of a database, every cell, in stock SQLite and in DuckDB.

The views promise to be plain SQL that any client reads alike. This reads each one with Python's own sqlite3 (no function
of ours), with the `sqlite3` shell where there is one, and with DuckDB over the same tables, which runs the view's text
itself: through its SQLite scanner where that extension is installed, else over a copy of the tables. It prints what
differs and exits 1 if anything does. Needs `pip install duckdb`; the tests do not depend on it.
"""
import json
import math
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TYPES = {"integer": "bigint", "text": "varchar", "real": "double", "blob": "blob"}


def texts(con):
    rows = con.execute("select name, sql from sqlite_master where type = 'view' order by name")
    return dict(rows.fetchall())


def rows_of(con, view):
    cursor = con.execute(f'select * from "{view}"')
    return [column[0] for column in cursor.description], [tuple(row) for row in cursor.fetchall()]


def shell_rows(database, view):
    done = subprocess.run(
        ["sqlite3", "-readonly", "-json", database, f'select * from "{view}"'],
        capture_output=True, text=True, check=False,
    )
    if done.returncode:
        return None, done.stderr.strip()
    answer = json.loads(done.stdout) if done.stdout.strip() else []
    return [tuple(row.values()) for row in answer], None


def attach(database, con):
    """The database's tables in DuckDB, by its scanner or as a copy."""
    import duckdb

    duck = duckdb.connect()
    try:
        duck.execute("load sqlite")
        duck.execute(f"attach '{database}' as funnel (type sqlite)")
        duck.execute("use funnel")
        return duck, "scanner"
    except Exception:
        copy_tables(database, con, duck)
        return duck, "a copy of the tables"


def copy_tables(database, con, duck):
    """The tables as tables of DuckDB without what is packed in them, by way of the `sqlite3` shell where there is one."""
    tables = con.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    for (table,) in tables.fetchall():
        columns = con.execute(f'pragma table_info("{table}")').fetchall()
        kinds = ", ".join(f'"{c[1]}" {TYPES.get(c[2].lower(), "varchar")}' for c in columns)
        duck.execute(f'create table "{table}" ({kinds})')
        shown = ", ".join("null" if c[2].lower() == "blob" else f'"{c[1]}"' for c in columns)
        if shutil.which("sqlite3"):
            with tempfile.NamedTemporaryFile() as file:
                subprocess.run(
                    ["sqlite3", "-readonly", "-csv", "-nullvalue", "\\N", database, f'select {shown} from "{table}"'],
                    stdout=file, check=True,
                )
                if file.seek(0, 2):
                    how = "header false, delimiter ',', quote '\"', escape '\"', nullstr '\\N', auto_detect false"
                    duck.execute(f"""copy "{table}" from '{file.name}' ({how})""")
            continue
        values = con.execute(f'select {shown} from "{table}"').fetchall()
        if values:
            marks = ", ".join("?" for _ in columns)
            for start in range(0, len(values), 5000):
                duck.executemany(f'insert into "{table}" values ({marks})', values[start:start + 5000])


def create_views(duck, views, how):
    """Creates views by name and text, those that read others after these; gives what DuckDB says of the rest."""
    pending, errors = dict(views), {}
    for _ in range(4):
        for name, text in list(pending.items()):
            try:
                duck.execute(text if how != "scanner" else text.replace("create view ", "create temp view ", 1))
                del pending[name]
            except Exception as e:
                errors[name] = str(e).splitlines()[0]
    return {name: errors[name] for name in pending}


def sort_key(row):
    return tuple((cell is not None, isinstance(cell, str), show(cell)) for cell in row)


def show(cell):
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, (int, float)) or type(cell).__name__ == "Decimal":
        return f"{float(cell):.9g}"
    return str(cell)


def same(one, other):
    if one is None or other is None:
        return one is other
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    return math.isclose(float(one), float(other), rel_tol=1e-12, abs_tol=1e-9)


def compare(view, names, ours, theirs, client):
    if len(ours) != len(theirs):
        return [f"{view}: {len(ours)} rows, in {client} {len(theirs)}"]
    found = []
    for one, other in zip(sorted(ours, key=sort_key), sorted(theirs, key=sort_key)):
        for name, a, b in zip(names, one, other):
            if not same(a, b):
                found.append(f"{view}.{name}: {a!r}, in {client} {b!r}  {one[:4]}")
    return found


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    database = sys.argv[1]
    con = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    duck, how = attach(database, con)
    views = texts(con)
    wrong, cells = [], 0
    pending = create_views(duck, views, how)
    for name, error in pending.items():
        wrong.append(f"{name}: DuckDB refuses it: {error}")
    for view in views:
        names, ours = rows_of(con, view)
        cells += len(ours) * len(names)
        if shutil.which("sqlite3"):
            theirs, error = shell_rows(database, view)
            wrong += [f"{view}: the sqlite3 shell refuses it: {error}"] if error else compare(
                view, names, ours, theirs, "the sqlite3 shell")
        if view not in pending:
            try:
                theirs = [tuple(row) for row in duck.execute(f'select * from "{view}"').fetchall()]
                wrong += compare(view, names, ours, theirs, "DuckDB")
            except Exception as e:
                wrong.append(f"{view}: DuckDB fails: {str(e).splitlines()[0]}")
    for line in wrong[:60]:
        print(line)
    print(f"{len(views)} views, {cells} cells, DuckDB by {how}: {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
