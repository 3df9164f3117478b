//! What the stories are told with: nodes, members, clients, browsers, and servers played by us.
mod browser;
mod bucket;
mod clients;
mod database;
mod http;
mod mail;
mod member;
mod node;
mod peer;
mod shapes;
mod surfer;
mod wait;

pub use browser::{Browser, Look};
pub use bucket::Bucket;
pub use clients::{MastodonPy, Toot, authorize, push_reader, venv};
pub use database::{Database, Fresh};
pub use http::{Answer, Api};
pub use mail::Post;
pub use member::{Member, id, original, says};
pub use node::{Inside, Node, PROGRAM, Setup, command, free_port};
pub use peer::{Peer, Received};
pub use shapes::{are_shaped, described, faults, fixtures, is_shaped, members_of, note_members};
pub use surfer::Surfer;
pub use wait::{eventually, eventually_within};

/// Tells each story twice, as `sqlite::name` and as `postgres::name`.
///
/// A story is `async fn name(database: Database)`.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::harness::Database::Sqlite).await;
            }
        )+}
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::harness::Database::Postgres).await;
            }
        )+}
    };
}
