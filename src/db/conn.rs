//! One connection to whichever database the operator chose.

/// The two databases behind one type; every query is checked against both.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The embedded default.
    Sqlite(diesel::SqliteConnection),
    /// For larger nodes.
    Postgres(diesel::PgConnection),
}
