//! Statements written out that stay prepared.
//!
//! Diesel prepares every `UPDATE` anew, for its set of columns may differ each time. Those that are
//! made with nearly every activity never differ, so they are written down here as text with marks.
use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Nullable, Text},
};

use super::Conn;
use crate::on;

/// A value of a statement.
#[derive(Clone, Debug)]
enum Value {
    Number(i64),
    Maybe(Option<i64>),
    Text(String),
}

/// A statement with a `?` for each value, the same on both databases.
#[derive(Clone, Debug)]
pub struct Prepared {
    text: &'static str,
    values: Vec<Value>,
}

impl Prepared {
    /// A statement; its values follow in their order.
    pub fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new() }
    }

    /// The next value, a number.
    pub fn number(mut self, number: i64) -> Self {
        self.values.push(Value::Number(number));
        self
    }

    /// The next value, a number or nothing.
    pub fn maybe(mut self, number: Option<i64>) -> Self {
        self.values.push(Value::Maybe(number));
        self
    }

    /// The next value, a text.
    pub fn text(mut self, text: &str) -> Self {
        self.values.push(Value::Text(text.to_owned()));
        self
    }

    /// Runs it; how many rows it changed.
    pub fn run(self, conn: &mut Conn) -> QueryResult<usize> {
        on!(conn, c => self.execute(c))
    }
}

// The text names the prepared statement.
impl QueryId for Prepared {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Prepared
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (place, piece) in self.text.split('?').enumerate() {
            if place > 0 {
                match values.next() {
                    Some(Value::Number(number)) => out.push_bind_param::<BigInt, _>(number)?,
                    Some(Value::Maybe(number)) => {
                        out.push_bind_param::<Nullable<BigInt>, _>(number)?;
                    }
                    Some(Value::Text(text)) => out.push_bind_param::<Text, _>(text)?,
                    None => out.push_sql("NULL"),
                }
            }
            out.push_sql(piece);
        }
        Ok(())
    }
}

impl<C> RunQueryDsl<C> for Prepared {}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::debug_query;

    #[test]
    fn each_mark_takes_its_value() {
        let statement = Prepared::new("UPDATE posts SET a = a + ?, b = ? WHERE c = ?");
        let statement = statement.number(7).maybe(None).text("x?");
        let sqlite = debug_query::<diesel::sqlite::Sqlite, _>(&statement).to_string();
        let text = "UPDATE posts SET a = a + ?, b = ? WHERE c = ? -- binds: [7, None, \"x?\"]";
        assert_eq!(sqlite, text);
        let postgres = debug_query::<diesel::pg::Pg, _>(&statement).to_string();
        assert!(postgres.starts_with("UPDATE posts SET a = a + $1, b = $2 WHERE c = $3 "));
    }
}
