//! A column compared with a word that stands in the statement itself.
//!
//! An index over some rows only (`WHERE visibility = 'public'`) helps a statement that says the same in
//! its own text. A value that is handed over beside it could be another one next time, so neither
//! database may rely on it.
use diesel::{
    QueryResult,
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

/// The condition; made by [`Literal::says`].
#[derive(Clone, Copy, Debug)]
pub struct Says<C> {
    column: C,
    word: &'static str,
}

/// Adds [`Literal::says`] to every column.
pub trait Literal: Expression + Sized {
    /// Whether the column holds `word`, of our own making: letters only.
    fn says(self, word: &'static str) -> Says<Self> {
        Says { column: self, word }
    }
}

impl<C: Expression> Literal for C {}

impl<C: Expression> Expression for Says<C> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Says<C> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for Says<C> {}
impl<C: SelectableExpression<T>, T> SelectableExpression<T> for Says<C> {}

// The word is in the text, so it is the text that names the prepared statement.
impl<C> QueryId for Says<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Says<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = '");
        out.push_sql(self.word);
        out.push_sql("'");
        Ok(())
    }
}
