//! The data is a function of the set of files: order, repetition, grouping, undoing and interruption leave no trace.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use funnelite::demo::company::Shape;
use funnelite::demo::random::Random;
use funnelite::format::Formats;
use funnelite::import::{Options, Session, ledger, refold, schema};
use funnelite::store::Store;

use super::{World, assert_same_views, dump, import};

fn tiny(seed: u64) -> World {
    World::new(seed, &Shape { folders: 3, ..Shape::tiny() })
}

/// The files in another order, some of them twice, cut into imports of several sizes.
fn shuffled(world: &World, seed: u64) -> Vec<Vec<PathBuf>> {
    let mut random = Random::stream(seed, "order");
    let mut paths = world.files.clone();
    for _ in 0..4 {
        paths.push(world.files[random.below(world.files.len() as u64) as usize].clone());
    }
    random.shuffle(&mut paths);
    let mut groups = Vec::new();
    while !paths.is_empty() {
        let size = random.between(1, 14).min(paths.len() as i64) as usize;
        groups.push(paths.drain(..size).collect());
    }
    groups
}

fn in_session<T>(store: &Store, run: impl FnOnce(&Session) -> T) -> T {
    let formats = Formats::load(Some(&store.workspace.folder)).unwrap();
    let schema = schema::read(&store.conn).unwrap();
    let options = Options::default();
    let settings = &store.settings;
    run(&Session {
        conn: &store.conn,
        settings,
        formats: &formats,
        schema: &schema,
        options: &options,
        begun: None,
    })
}

#[test]
fn order_repetition_and_grouping_do_not_matter() {
    for seed in [11, 12] {
        let world = tiny(seed);
        let straight = dump(&world.import("straight", [world.files.as_slice()]).conn);
        assert!(straight["people"].len() > 40);
        for order in 0..2 {
            let groups = shuffled(&world, 100 * seed + order);
            let store = world.import(&format!("order {order}"), groups.iter().map(Vec::as_slice));
            assert_same_views(&format!("seed {seed}, order {order}"), &straight, &dump(&store.conn));
        }
    }
}

#[test]
fn undo_leaves_no_trace() {
    let world = tiny(21);
    let (kept, taken): (Vec<_>, Vec<_>) =
        world.files.iter().cloned().enumerate().partition(|(index, _)| index % 5 != 1);
    let paths = |files: Vec<(usize, PathBuf)>| files.into_iter().map(|(_, path)| path).collect::<Vec<_>>();
    let (kept, taken) = (paths(kept), paths(taken));
    let without = dump(&world.import("without", [kept.as_slice()]).conn);
    let store = world.import("with", [kept.as_slice()]);
    let before: Vec<i64> = ledger::all_files(&store.conn).unwrap().iter().map(|row| row.id).collect();
    import(&store, &taken);
    let all = dump(&store.conn);
    for row in ledger::all_files(&store.conn).unwrap().iter().filter(|row| !before.contains(&row.id)) {
        in_session(&store, |session| refold::undo(session, row).unwrap());
    }
    assert_same_views("undone", &without, &dump(&store.conn));
    import(&store, &taken);
    assert_same_views("imported again", &all, &dump(&store.conn));
}

#[test]
fn rebuilding_changes_nothing() {
    let world = tiny(31);
    let groups = shuffled(&world, 31);
    let store = world.import("rebuilt", groups.iter().map(Vec::as_slice));
    let before = dump(&store.conn);
    in_session(&store, |session| refold::rebuild(session).unwrap());
    assert_same_views("rebuilt", &before, &dump(&store.conn));
}

#[test]
fn a_killed_import_leaves_earlier_files_intact() {
    let world = tiny(41);
    let straight = dump(&world.import("straight", [world.files.as_slice()]).conn);
    let workspace = world.workspace("killed");
    for round in 0..4_u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_funnelite"))
            .arg("--db")
            .arg(&workspace.database)
            .args(["--quiet", "import"])
            .arg(world.folder.path().join("files"))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + 220 * round));
        let _ = child.kill(); // it may have ended by itself
        child.wait().unwrap();
        let store = Store::open(workspace.clone()).unwrap();
        let state: String = store.conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(state, "ok");
        let whole =
            "select count(*) from files where rows_read <> rows_loaded + rows_furniture + rows_rejected";
        let torn: i64 = store.conn.query_row(whole, [], |row| row.get(0)).unwrap();
        assert_eq!(torn, 0, "a file is loaded in part");
    }
    let store = Store::open(workspace).unwrap();
    import(&store, &world.files);
    assert_same_views("after being killed", &straight, &dump(&store.conn));
}
