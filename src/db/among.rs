//! `column IN (..)` as a statement that the database need not parse again each time.
//!
//! Diesel's own `eq_any` writes one mark per value, so its statements are as many as lengths of lists
//! and are prepared anew for every call. Here lists are filled up to the next power of two by
//! repeating their last value, which changes no answer and leaves a handful of statements that stay
//! prepared.
use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, IntoNotNullable, SingleValue, SqlType},
};

/// Lists from here on are not filled up.
const MANY: usize = 4096;

/// The condition; made by [`Among::among`].
#[derive(Clone, Debug)]
pub struct InList<C, V> {
    column: C,
    values: Vec<V>,
}

/// Adds [`Among::among`] to every column.
pub trait Among: Expression + Sized {
    /// Whether the column is one of `values`: never, if there are none.
    fn among<V>(self, values: impl IntoIterator<Item = V>) -> InList<Self, V> {
        InList { column: self, values: values.into_iter().collect() }
    }
}

impl<C: Expression> Among for C {}

impl<C: Expression, V> Expression for InList<C, V> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, V, G> ValidGrouping<G> for InList<C, V> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<T>, V, T> AppearsOnTable<T> for InList<C, V> {}
impl<C: SelectableExpression<T>, V, T> SelectableExpression<T> for InList<C, V> {}

// The text depends on the length, so it is the text that names the prepared statement.
impl<C, V> QueryId for InList<C, V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, V, S, DB> QueryFragment<DB> for InList<C, V>
where
    DB: diesel::backend::Backend + HasSqlType<<C::SqlType as IntoNotNullable>::NotNullable>,
    C: Expression<SqlType = S> + QueryFragment<DB>,
    S: SqlType + IntoNotNullable,
    S::NotNullable: SingleValue,
    V: ToSql<S::NotNullable, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            out.push_sql("1=0");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        let padded = match self.values.len() {
            // Near the most marks a statement may have; such a one is not for keeping.
            many @ MANY.. => many,
            few => few.next_power_of_two(),
        };
        let values = self.values.iter().chain(std::iter::repeat(last)).take(padded);
        for (place, value) in values.enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<S::NotNullable, V>(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{MultiBackend, schema::actors};
    use diesel::debug_query;
    use diesel::prelude::*;

    fn text(names: &[&'static str]) -> String {
        let names = names.iter().copied();
        let query = actors::table.filter(actors::name.among(names)).select(actors::id);
        debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string()
    }

    #[test]
    fn lists_of_like_length_are_one_statement() {
        let marks = |names: &[&'static str]| text(names).matches('?').count();
        assert_eq!([marks(&["a"]), marks(&["a", "b"]), marks(&["a", "b", "c"])], [1, 2, 4]);
        assert_eq!(marks(&["a", "b", "c", "d", "e"]), 8);
        assert!(text(&["a", "b", "c"]).contains(r#"["a", "b", "c", "c"]"#));
        assert!(text(&[]).contains("1=0"));
    }

    fn both_databases<T: diesel::query_builder::QueryFragment<MultiBackend>>(_: &T) {}

    #[test]
    fn it_is_written_for_either_database() {
        both_databases(&actors::table.filter(actors::name.among(["a"])).select(actors::id));
    }
}
