//! What finding posts by their words costs, and keeping the words: `scripts/bench search`.
//!
//! Posts are made of words as common as those of a language (the n-th is n times rarer than the first).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    missing_docs
)]

#[path = "../tests/it/harness/database.rs"]
#[allow(dead_code)]
mod database;

use std::time::{Duration, Instant};

use commonhold::{
    App,
    config::Config,
    db::{self, page::Page, posts::Post},
    domain::{members, search},
    keys::KeyPair,
    types::{ActorId, PostId, Uri},
};
use rand::Rng as _;

use database::Database;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const ROUNDS: usize = 100;
const WORDS: usize = 40_000;
const PIECE: usize = 500;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let most: usize =
        std::env::var("BENCH_POSTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let mut databases = vec![Database::Sqlite];
    if std::env::var_os("COMMONHOLD_TEST_POSTGRES").is_some() {
        databases.push(Database::Postgres);
    }
    for database in databases {
        let (name, fresh) = (format!("{database:?}"), database.fresh(folder.path()));
        println!("\n## {name}\n\n| posts | what | median | 99 of 100 |\n|---|---|---|---|");
        let env = [
            ("COMMONHOLD_DATABASE_URL".to_owned(), fresh.url.clone()),
            ("COMMONHOLD_DATA_DIR".to_owned(), folder.path().join(&name).display().to_string()),
            ("COMMONHOLD_DEVELOPMENT".to_owned(), "true".to_owned()),
        ];
        let app = App::open(Config::load(None, env.into_iter()).unwrap()).unwrap();
        let authors: Vec<ActorId> = (0..20).map(|number| author(&app, number)).collect();
        let mut there = 0;
        for size in SIZES.into_iter().filter(|size| *size <= most) {
            let (bare, kept) = fill(&app, &authors, size - there);
            there = size;
            println!("| {size} | a post stored | {bare:?} | |");
            println!("| {size} | its words kept | {kept:?} | |");
            for typed in [
                "w1",
                "w1 w2",
                "\"w1 w2\"",
                "w3000",
                "w30000",
                "w1 from:author7",
                "w1 -w2 from:me",
                "w1 in:library",
                "w12*",
            ] {
                let mut times: Vec<Duration> =
                    (0..ROUNDS).map(|_| time(&app, authors[0], typed)).collect();
                times.sort();
                let (half, most) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
                println!("| {size} | `{typed}` | {half:?} | {most:?} |");
            }
        }
    }
}

fn author(app: &App, number: usize) -> ActorId {
    let name = format!("author{number}");
    let keys = KeyPair::generate().unwrap();
    let made = app.write_now(move |tx| {
        let email = format!("{name}@example.org");
        let applicant = members::Applicant { name, email, ..members::Applicant::default() };
        Ok(members::create(tx, applicant, keys, false)?.id)
    });
    made.unwrap()
}

/// So many more posts, and their words: what each took for one post.
fn fill(app: &App, authors: &[ActorId], count: usize) -> (Duration, Duration) {
    let (mut bare, mut kept) = (Duration::ZERO, Duration::ZERO);
    for start in (0..count).step_by(PIECE) {
        let authors = authors.to_vec();
        let origin = app.origin().clone();
        let piece = PIECE.min(count - start);
        let took = app.write_now(move |tx| {
            let begin = Instant::now();
            let posts: Vec<Post> = (0..piece)
                .map(|_| {
                    let author = tx.actor(authors[rand::rng().random_range(0..authors.len())])?;
                    let id = PostId(tx.new_id());
                    let uri = Uri(origin.join(&format!("p/{id}"))?);
                    let content = format!("<p>{}</p>", text());
                    let post = Post { content, ..Post::new(id, uri, &author, tx.now()) };
                    db::posts::insert(tx, &post)?;
                    Ok(post)
                })
                .collect::<Result<_, commonhold::Error>>()?;
            let (bare, begin) = (begin.elapsed(), Instant::now());
            for post in &posts {
                search::keep_words(tx, post, true)?;
            }
            Ok((bare, begin.elapsed()))
        });
        let (stored, words) = took.unwrap();
        bare += stored;
        kept += words;
    }
    let each = |all: Duration| all / u32::try_from(count).unwrap();
    (each(bare), each(kept))
}

/// Thirty words; the n-th word of the language is n times rarer than the first.
fn text() -> String {
    let mut rng = rand::rng();
    let word = |_| {
        let place = (WORDS as f64).powf(rng.random::<f64>()) as usize;
        format!("w{place}")
    };
    (0..30).map(word).collect::<Vec<_>>().join(" ")
}

fn time(app: &App, viewer: ActorId, typed: &str) -> Duration {
    let domain = app.domain().to_owned();
    let start = Instant::now();
    let wanted = search::Wanted { viewer, typed, author: None, domain: &domain };
    let found = app.read_now(|conn| search::find(conn, wanted, &Page::newest(20), app.now()));
    found.unwrap();
    start.elapsed()
}
