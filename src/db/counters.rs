//! Figures that are changed with nearly every activity.
//!
//! Diesel prepares every `UPDATE` anew, for its set of columns may differ each time. Here it never
//! does, so the two statements are written out and stay prepared.
use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Nullable},
};

use super::{Conn, actors::Counts};
use crate::{
    on,
    types::{ActorId, PostId},
};

#[derive(Debug, QueryId)]
struct CountActor {
    id: i64,
    followers: i64,
    following: i64,
    posts: i64,
    last_post_at: Option<i64>,
}

#[derive(Debug, QueryId)]
struct CountPost {
    id: i64,
    replies: i64,
    likes: i64,
    boosts: i64,
}

impl<DB> QueryFragment<DB> for CountActor
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE actors SET followers_count = followers_count + ");
        out.push_bind_param::<BigInt, _>(&self.followers)?;
        out.push_sql(", following_count = following_count + ");
        out.push_bind_param::<BigInt, _>(&self.following)?;
        out.push_sql(", posts_count = posts_count + ");
        out.push_bind_param::<BigInt, _>(&self.posts)?;
        out.push_sql(", last_post_at = COALESCE(");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.last_post_at)?;
        out.push_sql(", last_post_at) WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.id)
    }
}

impl<DB> QueryFragment<DB> for CountPost
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE posts SET replies_count = replies_count + ");
        out.push_bind_param::<BigInt, _>(&self.replies)?;
        out.push_sql(", likes_count = likes_count + ");
        out.push_bind_param::<BigInt, _>(&self.likes)?;
        out.push_sql(", boosts_count = boosts_count + ");
        out.push_bind_param::<BigInt, _>(&self.boosts)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.id)
    }
}

impl<C> RunQueryDsl<C> for CountActor {}
impl<C> RunQueryDsl<C> for CountPost {}

/// Changes the figures of an actor.
pub fn actor(conn: &mut Conn, id: ActorId, change: Counts) -> QueryResult<usize> {
    let Counts { followers, following, posts, last_post_at } = change;
    let last_post_at = last_post_at.map(|at| at.0);
    let statement = CountActor { id: id.0, followers, following, posts, last_post_at };
    on!(conn, c => statement.execute(c))
}

/// Changes the figures of a post; any of the three may be zero or negative.
pub fn post(
    conn: &mut Conn,
    id: PostId,
    replies: i64,
    likes: i64,
    boosts: i64,
) -> QueryResult<usize> {
    let statement = CountPost { id: id.0, replies, likes, boosts };
    on!(conn, c => statement.execute(c))
}
